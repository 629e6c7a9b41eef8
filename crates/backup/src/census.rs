//! How many rows every table has, and a checksum of them: of the whole, and of each tenant.
//!
//! A checksum is the sum, modulo 2⁶⁴, of each half of the MD5 of every row's text: the same whatever the order of the
//! rows, on every version of PostgreSQL, and of a whole it is the sum of those of its tenants. It finds damage, not an
//! adversary; against that there is the seal.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio_postgres::GenericClient;
use uuid::Uuid;

use super::catalogue::Table;

/// The rows of a table, or of one tenant in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub rows: u64,
    sums: (u64, u64),
}

/// As it stands in a manifest.
#[derive(Serialize, Deserialize)]
struct Written {
    rows: u64,
    checksum: String,
}

impl Count {
    pub fn checksum(&self) -> String {
        format!("{:016x}{:016x}", self.sums.0, self.sums.1)
    }

    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.sums.0 = self.sums.0.wrapping_add(other.sums.0);
        self.sums.1 = self.sums.1.wrapping_add(other.sums.1);
    }
}

impl Serialize for Count {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { rows: self.rows, checksum: self.checksum() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let bad = || serde::de::Error::custom("a checksum must be 32 hexadecimal digits");
        let half = |from: usize| {
            let digits = written.checksum.get(from..from + 16)?;
            u64::from_str_radix(digits, 16).ok()
        };
        let sums = half(0).zip(half(16)).ok_or_else(bad)?;
        Ok(Self { rows: written.rows, sums })
    }
}

/// A table's rows, and where they belong to tenants each tenant's share of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    #[serde(flatten)]
    pub all: Count,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tenants: BTreeMap<Uuid, Count>,
}

/// Every table's rows, by the table's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census(pub BTreeMap<String, TableCount>);

impl Census {
    /// Counts what `client` sees; inside one transaction with one snapshot, as of one moment.
    ///
    /// # Errors
    /// When a table cannot be read whole.
    pub async fn take(client: &impl GenericClient, tables: &[Table]) -> anyhow::Result<Self> {
        let mut census = Self::default();
        for table in tables {
            let group = if table.of_tenants { "tenant_id" } else { "null::uuid" };
            census.0.insert(table.name.clone(), count(client, table, group, "").await?);
        }
        Ok(census)
    }

    /// One tenant's share, of every table that has rows of tenants.
    pub fn of(&self, tenant: Uuid) -> BTreeMap<String, Count> {
        let tables =
            self.0.iter().filter_map(|(name, table)| Some((name.clone(), *table.tenants.get(&tenant)?)));
        tables.collect()
    }

    pub fn rows(&self) -> u64 {
        self.0.values().map(|table| table.all.rows).sum()
    }

    /// What is otherwise in `found`, a line for each table, in words.
    pub fn differences(&self, found: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, expected) in &self.0 {
            match found.0.get(name) {
                None => lines.push(format!("{name} is missing")),
                Some(table) => lines.extend(difference(name, expected, table)),
            }
        }
        let unknown = found.0.keys().filter(|name| !self.0.contains_key(*name));
        lines.extend(unknown.map(|name| format!("{name} is not in the manifest")));
        lines
    }
}

fn difference(name: &str, expected: &TableCount, found: &TableCount) -> Option<String> {
    if expected == found {
        return None;
    }
    let rows = (expected.all.rows, found.all.rows);
    if rows.0 != rows.1 {
        return Some(format!("{name} has {} rows in place of {}", rows.1, rows.0));
    }
    let changed = expected.tenants.iter().filter(|(id, count)| found.tenants.get(id) != Some(*count)).count();
    let whose = if changed > 0 { format!(", of {changed} tenants") } else { String::new() };
    Some(format!("{name} has its {} rows, but with other values{whose}", rows.0))
}

/// One tenant's rows of one table.
///
/// # Errors
/// When the table cannot be read.
pub async fn of_tenant(client: &impl GenericClient, table: &Table, tenant: Uuid) -> anyhow::Result<Count> {
    let only = format!("where tenant_id = '{tenant}'");
    Ok(count(client, table, "tenant_id", &only).await?.all)
}

async fn count(
    client: &impl GenericClient,
    table: &Table,
    group: &str,
    only: &str,
) -> anyhow::Result<TableCount> {
    let statement = format!(
        "select tenant, count(*)::bigint, sum(('x' || left(hash, 16))::bit(64)::bigint)::text, \
           sum(('x' || right(hash, 16))::bit(64)::bigint)::text \
         from (select {group} as tenant, md5(\"the row\"::text) as hash from only {} as \"the row\" {only}) as rows group by 1",
        table.quoted
    );
    let rows =
        client.query(&statement, &[]).await.with_context(|| format!("{} cannot be counted", table.name))?;
    let mut counted = TableCount::default();
    for row in &rows {
        let (tenant, rows): (Option<Uuid>, i64) = (row.get(0), row.get(1));
        let count = Count { rows: u64::try_from(rows)?, sums: (modulo(row.get(2))?, modulo(row.get(3))?) };
        counted.all.add(count);
        if let Some(tenant) = tenant {
            counted.tenants.insert(tenant, count);
        }
    }
    Ok(counted)
}

/// A sum of signed 64-bit numbers, modulo 2⁶⁴.
fn modulo(sum: &str) -> anyhow::Result<u64> {
    let sum: i128 = sum.parse().context("a sum of hashes is not a number")?;
    Ok(u64::try_from(sum.rem_euclid(1 << 64))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: u64, sum: u64) -> TableCount {
        TableCount { all: Count { rows, sums: (sum, !sum) }, tenants: BTreeMap::new() }
    }

    #[test]
    fn a_census_survives_being_written() {
        let mut counted = table(3, 0xfeed);
        counted.tenants.insert(Uuid::nil(), Count { rows: 3, sums: (1, u64::MAX) });
        let census = Census(BTreeMap::from([("app.pets".to_owned(), counted)]));
        let text = serde_json::to_string(&census).unwrap();
        assert_eq!(serde_json::from_str::<Census>(&text).unwrap(), census);
        assert!(serde_json::from_str::<Census>(&text.replace("feed", "xxxx")).is_err());
    }

    #[test]
    fn differences_are_told_by_table() {
        let one = Census(BTreeMap::from([
            ("a".into(), table(1, 1)),
            ("b".into(), table(9, 1)),
            ("c".into(), table(1, 1)),
        ]));
        let other = Census(BTreeMap::from([
            ("a".into(), table(1, 1)),
            ("b".into(), table(0, 0)),
            ("c".into(), table(1, 2)),
            ("d".into(), table(0, 0)),
        ]));
        assert_eq!(
            one.differences(&other),
            [
                "b has 0 rows in place of 9",
                "c has its 1 rows, but with other values",
                "d is not in the manifest"
            ]
        );
        assert!(one.differences(&one).is_empty());
    }

    #[test]
    fn a_sum_wraps_as_its_parts_do() {
        let parts = [i64::MIN, i64::MIN, -1, 5, i64::MAX];
        let sum: i128 = parts.iter().map(|part| i128::from(*part)).sum();
        let wrapped = parts.iter().fold(0u64, |sum, part| sum.wrapping_add(part.cast_unsigned()));
        assert_eq!(modulo(&sum.to_string()).unwrap(), wrapped);
    }
}
