//! Row-level security alone keeps tenants apart, without a word of the program's.

use std::path::Path;

use testkit::{TestDatabase, house};
use tokio_postgres::Client;

use crate::document::furnish;

async fn tenant_tables(client: &Client) -> Vec<String> {
    let tables = "select c.table_name::text from information_schema.columns c where c.table_schema = 'app' and c.column_name = 'tenant_id' order by 1";
    client.query(tables, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_statement_without_its_tenant_touches_nothing_of_anothers() {
    let house = house().await;
    let victim = house.resort("victim").await;
    let other = house.resort("other").await;
    furnish(&victim).await;
    let admin = house.database.connect("postgres").await;
    let app = house.database.connect("tailtown_app").await;
    app.batch_execute("begin").await.unwrap();
    app.batch_execute(&format!("set local app.tenant_id = '{}'", other.id)).await.unwrap();
    let tables = tenant_tables(&admin).await;
    for table in &tables {
        let victims = format!("select count(*) from app.{table} where tenant_id = $1");
        let seen: i64 = app.query_one(&victims, &[&victim.id]).await.unwrap().get(0);
        let changed = app
            .execute(
                &format!("update app.{table} set tenant_id = tenant_id where tenant_id = $1"),
                &[&victim.id],
            )
            .await;
        let there: i64 = admin.query_one(&victims, &[&victim.id]).await.unwrap().get(0);
        assert_eq!((seen, changed.unwrap()), (0, 0), "{table}");
        assert!(
            there > 0 || ["idempotency_keys", "refunds"].contains(&table.as_str()),
            "{table} has no row to see"
        );
    }
    app.batch_execute("rollback").await.unwrap();
}

/// The program's own statements, each without its tenant: `tenant_id = :tenant_id` becomes `true`.
#[tokio::test]
async fn the_programs_statements_stripped_of_the_tenant_return_nothing_of_anothers() {
    let house = house().await;
    let victim = house.resort("victim").await;
    let other = house.resort("other").await;
    furnish(&victim).await;
    let app = house.database.connect("tailtown_app").await;
    let mut reads = 0;
    for (name, sql) in statements() {
        if !sql.starts_with("select") || !sql.contains("tenant_id = :tenant_id") || sql.contains("\nfor ") {
            continue;
        }
        // All that narrows it is taken away, too: what is left is everything the policy lets through.
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let from = outermost(&sql, " from ").unwrap_or_else(|| panic!("{name} has no from"));
        let until = ["where", "order by", "group by", "limit"];
        let until = until.iter().filter_map(|word| outermost(&sql, &format!(" {word} "))).min();
        let from = sql[from..until.unwrap_or(sql.len())].replace(":tenant_id", &format!("'{}'", victim.id));
        if from.contains(" lateral ") || from.replace("::", "").contains(':') {
            continue;
        }
        app.batch_execute("begin").await.unwrap();
        app.batch_execute(&format!("set local app.tenant_id = '{}'", other.id)).await.unwrap();
        let rows = app
            .query(&format!("select * {from}"), &[])
            .await
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        for row in &rows {
            let tenant: uuid::Uuid = row.get("tenant_id");
            assert_eq!(tenant, other.id, "{name}");
        }
        app.batch_execute("rollback").await.unwrap();
        reads += 1;
    }
    assert!(reads > 40, "only {reads} statements were tried");
}

#[tokio::test]
async fn an_unscoped_connection_reads_and_writes_nothing() {
    let house = house().await;
    let victim = house.resort("victim").await;
    furnish(&victim).await;
    let admin = house.database.connect("postgres").await;
    let app = house.database.connect("tailtown_app").await;
    for table in tenant_tables(&admin).await {
        let seen: i64 =
            app.query_one(&format!("select count(*) from app.{table}"), &[]).await.unwrap().get(0);
        let changed =
            app.execute(&format!("update app.{table} set tenant_id = tenant_id"), &[]).await.unwrap();
        let deleted = app.execute(&format!("delete from app.{table}"), &[]).await.unwrap();
        assert_eq!((seen, changed, deleted), (0, 0, 0), "{table}");
    }
    let forged = "insert into app.customers (tenant_id, id, first_name, last_name, created_at, updated_at) values ($1, $1, 'A', 'B', now(), now())";
    let refused = app.execute(forged, &[&victim.id]).await.unwrap_err();
    assert_eq!(refused.code().unwrap().code(), "42501");
}

#[tokio::test]
async fn a_role_that_could_bypass_the_policies_is_refused() {
    let house = house().await;
    for (role, reason) in [("postgres", "superuser"), ("tailtown_owner", "owns")] {
        let address = store::url::Address::new(house.database.config(role));
        let second = std::time::Duration::from_secs(5);
        let timeouts = store::pool::ServerTimeouts { statement: second, idle_in_transaction: second };
        let database =
            store::pool::Database::new(&address, timeouts, house.program.versions.clone()).unwrap();
        let found = database.role_could_bypass().await.unwrap().unwrap();
        assert!(found.contains(reason), "{found}");
    }
    assert_eq!(house.program.database.role_could_bypass().await.unwrap(), None);
}

/// What a migration, or a person with `psql`, may have left in the catalogue: the program refuses to serve on it.
#[tokio::test]
async fn a_schema_that_would_not_keep_resorts_apart_is_refused() {
    let house = house().await;
    let admin = house.database.connect("postgres").await;
    for (fault, undo, reason) in [
        (
            "create policy all_of_it on app.pets using (true)",
            "drop policy all_of_it on app.pets",
            "all_of_it on app.pets",
        ),
        (
            "create policy blind on app.pets for insert to tailtown_app with check (true)",
            "drop policy blind on app.pets",
            "blind on app.pets",
        ),
        (
            "alter table app.pets no force row level security",
            "alter table app.pets force row level security",
            "not forced on app.pets",
        ),
        (
            "grant truncate on app.pets to tailtown_app",
            "revoke truncate on app.pets from tailtown_app",
            "truncate app.pets",
        ),
        (
            "grant select on app.operators to public",
            "revoke select on app.operators from public",
            "everybody may use app.operators",
        ),
        (
            "alter table app.pets owner to tailtown_app",
            "alter table app.pets owner to tailtown_owner",
            "owner of, app.pets",
        ),
        (
            "alter policy tenant on app.pets using (true)",
            "drop policy tenant on app.pets",
            "tenant on app.pets",
        ),
    ] {
        admin.batch_execute(fault).await.unwrap();
        let found = house.program.database.role_could_bypass().await.unwrap().unwrap_or_default();
        assert!(found.contains(reason), "{fault}: {found}");
        admin.batch_execute(undo).await.unwrap();
        assert_eq!(house.program.database.role_could_bypass().await.unwrap(), None, "{undo}");
    }
}

/// Where `word` first stands outside all parentheses.
fn outermost(sql: &str, word: &str) -> Option<usize> {
    sql.match_indices(word)
        .map(|(place, _)| place)
        .find(|place| sql[..*place].matches('(').count() == sql[..*place].matches(')').count())
}

/// Every statement of `queries/`, by file and name.
fn statements() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../queries");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for block in text.split("--! ").skip(1) {
            let (head, body) = block.split_once('\n').unwrap();
            let name = head.split([' ', '(']).next().unwrap();
            let body = body.split("\n--").next().unwrap().trim().trim_end_matches(';');
            found.push((format!("{file}.{name}"), body.to_owned()));
        }
    }
    found.sort();
    found
}

/// The statements, each as PostgreSQL numbers parameters, and how many it takes.
fn numbered(sql: &str) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut out = String::new();
    let mut rest = sql;
    while let Some(place) = rest.find(':') {
        out.push_str(&rest[..place]);
        rest = &rest[place + 1..];
        if let Some(cast) = rest.strip_prefix(':') {
            out.push_str("::");
            rest = cast;
            continue;
        }
        let end =
            rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        let number = names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        out.push_str(&format!("${}", number + 1));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// 200 tenants from one customer to thousands.
async fn crowd(database: &TestDatabase) -> Client {
    let admin = database.connect("postgres").await;
    let now = "'2026-11-24T00:00:00Z'::timestamptz";
    let spread =
        "(select t.id as tenant_id, row_number() over (order by t.subdomain) as n from app.tenants t) t";
    let id = "gen_random_uuid()";
    let rows = |most: u32| format!("cross join lateral generate_series(1, greatest(1, {most} / t.n)::int) g");
    for statement in [
        "set session_replication_role = replica".to_owned(),
        format!(
            "insert into app.tenants (id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, created_at, updated_at) \
             select {id}, 't' || g, 'T', 'FREE', 'ACTIVE', 'America/Denver', 'USD', 0, {now}, {now} from generate_series(1, 200) g"
        ),
        format!(
            "insert into app.staff (tenant_id, id, first_name, last_name, email, role, password_hash, created_at, updated_at) \
             select t.tenant_id, {id}, 'A', 'B', g || '@x', 'STAFF', 'x', {now}, {now} from {spread} {}", rows(400)
        ),
        format!(
            "insert into app.staff_sessions (tenant_id, token_hash, staff_id, created_at, expires_at) \
             select s.tenant_id, sha256(s.id::text::bytea), s.id, {now}, {now} from app.staff s"
        ),
        format!(
            "insert into app.staff_second_factors (tenant_id, staff_id, sealed_secret, recovery_codes, created_at, confirmed_at) \
             select s.tenant_id, s.id, 'x', array['\\x00'::bytea], {now}, {now} from app.staff s"
        ),
        format!(
            "insert into app.idempotency_keys (tenant_id, staff_id, key, fingerprint, created_at) \
             select s.tenant_id, s.id, 'k' || g, '', {now} from app.staff s, generate_series(1, 5) g"
        ),
        format!(
            "insert into app.customers (tenant_id, id, first_name, last_name, email, phone, external_id, created_at, updated_at) \
             select t.tenant_id, {id}, 'F' || g, 'L' || md5(g::text), g || '@x', g::text, g::text, {now}, {now} from {spread} {}", rows(6000)
        ),
        format!(
            "insert into app.pets (tenant_id, id, customer_id, name, species, sex, created_at, updated_at) \
             select c.tenant_id, {id}, c.id, 'P' || md5(c.id::text), 'DOG', 'MALE', {now}, {now} from app.customers c, generate_series(1, 2) g"
        ),
        format!(
            "insert into app.vaccinations (tenant_id, id, pet_id, vaccine, expires_on, created_at, updated_at) \
             select p.tenant_id, {id}, p.id, 'Rabies', date '2027-01-01' + (random() * 300)::int, {now}, {now} from app.pets p"
        ),
        format!(
            "insert into app.vaccine_requirements (tenant_id, id, species, category, vaccine, enforcement, created_at, updated_at) \
             select t.tenant_id, {id}, 'DOG', 'BOARDING', 'V' || g, 'WARN', {now}, {now} from {spread} {}", rows(300)
        ),
        format!(
            "insert into app.kennels (tenant_id, id, name, kind, capacity, created_at, updated_at) \
             select t.tenant_id, {id}, 'K' || g, 'RUN', 2, {now}, {now} from {spread} {}", rows(600)
        ),
        "insert into app.kennel_slots select k.tenant_id, k.id, g from app.kennels k, generate_series(1, 2) g".to_owned(),
        format!(
            "insert into app.kennel_closures (tenant_id, id, kennel_id, starts_on, ends_on, created_at, updated_at) \
             select k.tenant_id, {id}, k.id, date '2026-01-01' + 10 * g, date '2026-01-03' + 10 * g, {now}, {now} from app.kennels k, generate_series(1, 3) g"
        ),
        format!(
            "insert into app.services (tenant_id, id, name, category, price_cents, unit, taxable, requires_kennel, created_at, updated_at) \
             select t.tenant_id, {id}, 'S' || g, 'BOARDING', 1, 'NIGHT', true, true, {now}, {now} from {spread} {}", rows(300)
        ),
        format!(
            "insert into app.add_ons (tenant_id, id, name, price_cents, unit, taxable, created_at, updated_at) \
             select t.tenant_id, {id}, 'S' || g, 1, 'STAY', true, {now}, {now} from {spread} {}", rows(300)
        ),
        format!(
            "insert into app.reservations (tenant_id, id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, \
             check_out_date, held_until, status, total_cents, created_at, updated_at) \
             select p.tenant_id, {id}, {id}, p.customer_id, p.id, \
               (select s.id from app.services s where s.tenant_id = p.tenant_id limit 1), k.id, null, d, d + 3, d + 3, \
               (array['COMPLETED','CANCELLED','COMPLETED','NO_SHOW'])[1 + (random() * 3)::int], 1, {now}, {now} \
             from app.pets p, lateral (select k.id from app.kennels k where k.tenant_id = p.tenant_id limit 1) k, \
               lateral (select date '2026-01-01' + (random() * 360)::int as d where p.id is not null) d"
        ),
        format!(
            "insert into app.reservation_lines (tenant_id, id, reservation_id, position, kind, description, quantity, unit_price_cents, amount_cents, taxable) \
             select r.tenant_id, {id}, r.id, 1, 'SERVICE', 'x', 1, 1, 1, true from app.reservations r"
        ),
        format!(
            "insert into app.reservation_steps (tenant_id, id, reservation_id, position, verb, from_status, to_status, staff_id, created_at) \
             select r.tenant_id, {id}, r.id, 1, 'book', 'PENDING', 'PENDING', {id}, {now} from app.reservations r"
        ),
        "insert into app.invoice_counters select id, 1 from app.tenants".to_owned(),
        format!(
            "insert into app.invoices (tenant_id, id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, \
             total_cents, paid_cents, created_at, updated_at) \
             select c.tenant_id, {id}, row_number() over (partition by c.tenant_id), c.id, 'PAID', d, d, 0, 1, 0, 1, 1, {now}, {now} \
             from app.customers c, lateral (select date '2026-01-01' + (random() * 300)::int as d where c.id is not null) d"
        ),
        format!(
            "insert into app.invoice_lines (tenant_id, id, invoice_id, position, description, quantity, unit_price_cents, amount_cents, taxable) \
             select i.tenant_id, {id}, i.id, 1, 'x', 1, 1, 1, true from app.invoices i"
        ),
        format!(
            "insert into app.payments (tenant_id, id, invoice_id, amount_cents, method, staff_id, created_at, updated_at) \
             select i.tenant_id, {id}, i.id, 1, 'CASH', {id}, {now} - random() * interval '300 days', {now} from app.invoices i"
        ),
        format!(
            "insert into app.refunds (tenant_id, id, payment_id, amount_cents, staff_id, created_at) \
             select p.tenant_id, {id}, p.id, 1, {id}, {now} from app.payments p"
        ),
        "set session_replication_role = default".to_owned(),
        "analyze".to_owned(),
    ] {
        admin.batch_execute(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }
    admin
}

/// The tables that grow with the years, or into the ten thousands; a page of them walks an index in its order. What a search
/// finds is few.
const GROWING: [&str; 6] = ["customers", "invoices", "payments", "pets", "reservations", "vaccinations"];

#[tokio::test]
async fn no_statement_reads_a_tenant_table_from_end_to_end() {
    let database = TestDatabase::migrated().await;
    let admin = crowd(&database).await;
    let tables = tenant_tables(&admin).await;
    let tenant: uuid::Uuid =
        admin.query_one("select id from app.tenants where subdomain = 't20'", &[]).await.unwrap().get(0);
    let app = database.connect("tailtown_app").await;
    let mut wrong = Vec::new();
    let (mut count, mut pages) = (0, 0);
    for mode in ["force_generic_plan", "force_custom_plan"] {
        for (name, sql) in statements() {
            if sql.starts_with("set ") {
                continue;
            }
            let is_page = sql.contains("limit :fetch") && !name.ends_with(".search");
            let sql = numbered(&sql);
            let kinds = app.prepare(&sql).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let values: Vec<String> =
                kinds.params().iter().map(|kind| value_of(kind.name(), tenant)).collect();
            app.batch_execute("begin").await.unwrap();
            app.batch_execute(&format!("set local app.tenant_id = '{tenant}'")).await.unwrap();
            app.batch_execute(&format!("set local plan_cache_mode = {mode}")).await.unwrap();
            app.batch_execute(&format!("prepare probe as {sql}")).await.unwrap();
            let arguments =
                if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
            let plan = app
                .simple_query(&format!("explain execute probe{arguments}"))
                .await
                .unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let plan: Vec<String> = plan
                .iter()
                .filter_map(|message| match message {
                    tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                    _ => None,
                })
                .collect();
            app.batch_execute("rollback").await.unwrap();
            app.batch_execute("deallocate probe").await.unwrap();
            for line in &plan {
                if tables.iter().any(|table| line.contains(&format!("Seq Scan on {table} "))) {
                    wrong.push(format!("{name} ({mode}): {}", line.trim()));
                }
            }
            if is_page && mode == "force_generic_plan" {
                pages += 1;
                let gathers = |table: &&&str| {
                    plan.iter().any(|line| line.contains(&format!("Bitmap Heap Scan on {table}")))
                };
                if let Some(table) = GROWING.iter().find(gathers) {
                    wrong.push(format!(
                        "{name} reads all {table} of a tenant for a page: {}",
                        plan.join("\n")
                    ));
                }
            }
            count += 1;
        }
    }
    assert!(count > 200 && pages > 15, "only {count} plans were looked at, and {pages} of pages");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn value_of(kind: &str, tenant: uuid::Uuid) -> String {
    match kind {
        "uuid" => format!("'{tenant}'"),
        "_uuid" => format!("array['{tenant}']::uuid[]"),
        "date" => "'2026-06-01'".to_owned(),
        "timestamptz" => "'2026-06-01T00:00:00Z'".to_owned(),
        "_timestamptz" => "array['2026-06-01T00:00:00Z']::timestamptz[]".to_owned(),
        "time" => "'08:00'".to_owned(),
        // Also a number in JSON, for what a statement casts from text.
        "text" | "varchar" => "'1'".to_owned(),
        "_text" => "array['x']".to_owned(),
        "bytea" => "'\\x00'".to_owned(),
        "bool" => "true".to_owned(),
        "_int4" => "array[1]".to_owned(),
        "_bytea" => "array['\\x00'::bytea]".to_owned(),
        "int4" | "int8" => "1".to_owned(),
        other => panic!("which value has the type {other}?"),
    }
}
