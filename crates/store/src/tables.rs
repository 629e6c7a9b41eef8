//! Sets of tables, and which of them a statement reads and changes: derived when the SQL functions are generated.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use queries::tables::{STATEMENTS, TABLES};
use sha2::{Digest, Sha256};

/// A set of tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tables(u64);

/// What a statement does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touch {
    pub reads: Tables,
    pub changes: Tables,
}

impl Tables {
    pub const NONE: Self = Self(0);
    pub const COUNT: usize = TABLES.len();

    pub const fn all() -> Self {
        Self(u64::MAX >> (64 - Self::COUNT))
    }

    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    pub const fn bits(self) -> u64 {
        self.0
    }

    /// # Panics
    /// In a constant, at compile time, when there is no such table.
    pub const fn named(name: &str) -> Self {
        let mut place = 0;
        while place < TABLES.len() {
            if same(TABLES[place].0, name) {
                return Self(1 << place);
            }
            place += 1;
        }
        panic!("there is no such table")
    }

    /// Those whose rows are a tenant's.
    pub fn of_tenant(self) -> Self {
        static OF_TENANT: LazyLock<u64> = LazyLock::new(|| {
            TABLES.iter().enumerate().map(|(place, (_, of_tenant))| u64::from(*of_tenant) << place).sum()
        });
        Self(self.0 & *OF_TENANT)
    }

    /// The platform's own.
    pub fn of_platform(self) -> Self {
        Self(self.0 & !self.of_tenant().0)
    }

    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Names the list that the places are in. Programs with different lists must not share what goes by place.
    pub fn list() -> &'static str {
        static LIST: LazyLock<String> = LazyLock::new(|| {
            let names: Vec<&str> = TABLES.iter().map(|(name, _)| *name).collect();
            let digest = Sha256::digest(names.join(" "));
            digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
        });
        &LIST
    }

    /// The places of the tables in [`TABLES`].
    pub fn places(self) -> impl Iterator<Item = usize> {
        (0..Self::COUNT).filter(move |place| self.0 >> place & 1 == 1)
    }
}

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut place = 0;
    while place < left.len() {
        if left[place] != right[place] {
            return false;
        }
        place += 1;
    }
    true
}

/// By text: what a statement touches, and how often this process has asked.
static KNOWN: LazyLock<HashMap<&'static str, (Touch, AtomicU64)>> = LazyLock::new(|| {
    let touch = |(sql, reads, changes): &(&'static str, u64, u64)| {
        (*sql, (Touch { reads: Tables(*reads), changes: Tables(*changes) }, AtomicU64::new(0)))
    };
    STATEMENTS.iter().map(touch).collect()
});

/// What the statement `sql` reads and changes. One that is not known might do anything, and counts as if it did.
pub fn touch(sql: &str) -> Touch {
    let Some((touch, asked)) = KNOWN.get(sql) else {
        return Touch { reads: Tables::all(), changes: Tables::all() };
    };
    asked.fetch_add(1, Ordering::Relaxed);
    *touch
}

/// Every statement, what it touches, and how often this process has used it so far.
pub fn used() -> impl Iterator<Item = (&'static str, Touch, u64)> {
    KNOWN.iter().map(|(sql, (touch, asked))| (*sql, *touch, asked.load(Ordering::Relaxed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_touches_everything() {
        let unknown = touch("select 1");
        assert_eq!(unknown.reads.places().count(), Tables::COUNT);
        assert_eq!(unknown.reads, unknown.changes);
    }

    #[test]
    fn a_table_is_a_tenants_or_the_platforms() {
        let (pets, tenants) = (Tables::named("pets"), Tables::named("tenants"));
        assert_eq!(pets.of_tenant(), pets);
        assert_eq!(tenants.of_platform(), tenants);
        assert!(pets.of_platform().is_empty() && tenants.of_tenant().is_empty());
        assert_eq!(pets.and(tenants).places().count(), 2);
    }

    #[test]
    fn a_cascade_counts_as_a_change() {
        let sql = "delete from app.invoices where tenant_id = $1 and id = $2";
        assert!(touch(sql).changes.meets(Tables::named("invoice_lines")));
    }
}
