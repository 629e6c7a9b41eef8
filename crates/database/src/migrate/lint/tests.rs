//! Each dangerous migration is refused by the rule that names its danger, and nothing else is.

use super::*;

/// What was there before: a table of a tenant, one of the platform.
const BEFORE: &str = "create table app.tenants (id uuid not null, constraint tenants_pkey primary key (id));\n\
    select app.replicate('app.tenants');\n\
    create table app.pets (tenant_id uuid not null, id uuid not null, name text, constraint pets_pkey primary key (tenant_id, id),\n\
    constraint pets_tenant_fkey foreign key (tenant_id) references app.tenants (id) on delete cascade);\n\
    select app.distribute('app.pets');\n\
    select app.secure('app.pets');";

fn findings(sql: &str) -> Vec<Finding> {
    let mut migrations: Vec<_> = (2..=11).map(|n| Migration::new(format!("{n:04}_then.sql"), "")).collect();
    migrations.insert(0, Migration::new("0001_before.sql", BEFORE));
    migrations.push(Migration::new("0012_now.sql", sql.to_owned()));
    lint(&migrations)
}

fn rules(sql: &str) -> Vec<&'static str> {
    findings(sql).into_iter().map(|finding| finding.rule).collect()
}

/// A table of a tenant, with these columns and constraints added.
fn table(more: &str) -> String {
    format!(
        "create table app.toys (tenant_id uuid not null, id uuid not null, {more} constraint toys_pkey primary key (tenant_id, id));\n\
         select app.distribute('app.toys');\nselect app.secure('app.toys');\n"
    )
}

#[test]
fn what_locks_a_table_in_use_is_refused() {
    for (rule, sql) in [
        ("require-concurrent-index-creation", "create index pets_name_idx on app.pets (tenant_id, name);"),
        ("outside-transaction", "create index concurrently pets_name_idx on app.pets (tenant_id, name);"),
        ("require-concurrent-index-deletion", "-- serves: 0011\ndrop index app.pets_name_idx;"),
        ("require-concurrent-reindex", "reindex table app.pets;"),
        ("changing-column-type", "alter table app.pets alter column name type varchar;"),
        (
            "adding-field-with-default",
            "alter table app.pets add column token uuid default gen_random_uuid();",
        ),
        (
            "adding-not-nullable-field",
            "-- serves: 0011\nalter table app.pets alter column name set not null;",
        ),
        (
            "constraint-missing-not-valid",
            "-- serves: 0011\nalter table app.pets add constraint pets_name_check check (name <> '');",
        ),
        (
            "disallowed-unique-constraint",
            "-- serves: 0011\nalter table app.pets add constraint pets_name_key unique (tenant_id, name);",
        ),
        (
            "adding-foreign-key-constraint",
            "alter table app.pets add column owner_id uuid;\n\
          alter table app.pets add constraint pets_owner_fkey foreign key (tenant_id, owner_id) references app.pets (tenant_id, id);",
        ),
        ("outside-transaction", "vacuum app.pets;"),
        ("rewrites-table", "-- transaction: none\nvacuum full app.pets;"),
        ("rewrites-table", "cluster app.pets using pets_pkey;"),
        ("bulk-change", "update app.pets set name = upper(name);"),
        ("bulk-change", "delete from app.pets where name is null;"),
        ("bulk-change", "insert into app.pets select * from app.pets;"),
        ("lock-table", "lock table app.pets;"),
        ("truncate", "truncate app.pets;"),
        ("transaction-nesting", "begin; select 1; commit;"),
        ("session-setting", "set lock_timeout = '10min';"),
        ("bulk-change", "with gone as (delete from app.pets returning id) select count(*) from gone;"),
        (
            "bulk-change",
            "with all_pets as (select id from app.pets) update app.pets set name = 'x' where id in (select id from all_pets);",
        ),
        ("rewrites-table", "alter table app.pets set tablespace fast;"),
        ("rewrites-table", "alter table app.pets set logged;"),
        ("unseen", "do $$ begin execute 'drop table app.pets'; end $$;"),
    ] {
        assert!(rules(sql).contains(&rule), "{sql}: {:?}", findings(sql));
    }
}

#[test]
fn what_breaks_the_running_version_is_refused_unless_the_file_says_whom_it_serves() {
    for (rule, sql) in [
        ("ban-drop-table", "drop table app.pets;"),
        ("ban-drop-column", "alter table app.pets drop column name;"),
        ("ban-drop-constraint", "alter table app.pets drop constraint pets_pkey;"),
        ("ban-drop-not-null", "alter table app.pets alter column name drop not null;"),
        ("ban-drop-default", "alter table app.pets alter column name drop default;"),
        ("ban-drop-function", "drop function app.identify;"),
        ("ban-drop-view", "drop view app.guests;"),
        ("ban-drop-schema", "drop schema app cascade;"),
        ("ban-drop-policy", "drop policy tenant on app.pets;"),
        ("ban-drop-trigger", "drop trigger t on app.pets;"),
        ("ban-drop-index", "-- transaction: none\ndrop index concurrently app.pets_name_idx;"),
        ("ban-disable-trigger", "alter table app.pets no force row level security;"),
        ("ban-disable-trigger", "alter table app.pets disable trigger all;"),
        ("renaming-column", "alter table app.pets rename column name to called;"),
        ("renaming-table", "alter table app.pets rename to animals;"),
        ("adding-required-field", "alter table app.pets add column size text not null;"),
        (
            "ban-replace-view-function",
            "create or replace function app.f() returns int language sql as 'select 1';",
        ),
        ("ban-set-schema", "alter table app.pets set schema public;"),
        (
            "new-restriction",
            "alter table app.pets add constraint pets_name_check check (name <> '') not valid;",
        ),
        (
            "new-restriction",
            "-- transaction: none\ncreate unique index concurrently pets_name_idx on app.pets (tenant_id, name);",
        ),
        ("hidden-write", "create trigger t after insert on app.pets execute function app.f();"),
        ("revoke", "revoke update on app.pets from tailtown_app;"),
        ("truncate", "truncate app.pets;"),
    ] {
        assert_eq!(rules(sql), [rule], "{sql}: {:?}", findings(sql));
        assert_eq!(findings(&format!("-- serves: 0011\n{sql}")), [], "{sql}");
    }
    let hidden = table(
        "pet_id uuid not null, constraint toys_pet_fkey foreign key (tenant_id, pet_id) \
                        references app.pets (tenant_id, id) on delete cascade,",
    );
    assert_eq!(rules(&hidden), ["hidden-write"]);
}

#[test]
fn a_table_that_is_no_tenants_is_refused() {
    for (rule, sql) in [
        (
            "tenant-table",
            "create table app.toys (id uuid not null, constraint toys_pkey primary key (id));".to_owned(),
        ),
        ("secure", table("").replace("select app.secure('app.toys');", "")),
        ("secure", table("").replace("select app.distribute('app.toys');", "")),
        ("tenant-first", table("constraint toys_id_key unique (id),")),
        ("tenant-first", table("").replace("primary key (tenant_id, id)", "primary key (id, tenant_id)")),
        ("tenant-first", format!("{}create index toys_id_idx on app.toys (id);", table(""))),
        (
            "tenant-first",
            table(
                "pet_id uuid, constraint toys_pet_fkey foreign key (pet_id, tenant_id) references app.pets (id, tenant_id),",
            ),
        ),
        (
            "set-null",
            table(
                "pet_id uuid, constraint toys_pet_fkey foreign key (tenant_id, pet_id) references app.pets (tenant_id, id) on delete set null,",
            ),
        ),
        ("unnamed", table("check (id is not null),")),
        ("unnamed", format!("{}create index on app.toys (tenant_id, id);", table(""))),
        ("column-constraint", table("name text unique,")),
        ("serial", table("number bigint generated always as identity,")),
        ("serial", table("number bigserial,")),
        ("column-type", table("price_cents numeric,")),
        ("column-type", table("made_at date,")),
        ("column-type", "alter table app.pets add column born_on text;".to_owned()),
        ("prefer-text-field", table("name varchar(20),")),
        ("prefer-timestamp-tz", table("made timestamp,")),
        ("ban-char-field", table("name char(20),")),
        ("require-table-schema", table("").replace("create table app.toys", "create table toys")),
        ("own-type", "create type app.size as enum ('S', 'L');".to_owned()),
        ("open-view", "create view app.guests as select * from app.pets;".to_owned()),
        ("open-view", "create materialized view app.guests as select * from app.pets;".to_owned()),
        (
            "open-function",
            "create function app.f() returns int language sql security definer as 'select 1';".to_owned(),
        ),
        ("policy", "create policy everyone on app.pets using (true);".to_owned()),
        ("policy", "-- serves: 0011\nalter policy tenant on app.pets using (true);".to_owned()),
        ("grant", "grant select on app.pets to public;".to_owned()),
        ("grant", "grant select on app.pets to tailtown_app with grant option;".to_owned()),
        ("grant", "grant all on app.pets to tailtown_app;".to_owned()),
        ("owner", "grant tailtown_owner to tailtown_app;".to_owned()),
        ("owner", "alter table app.pets owner to tailtown_app;".to_owned()),
        ("unlogged", "alter table app.pets set unlogged;".to_owned()),
        ("unlogged", table("").replace("create table", "create unlogged table")),
        ("serial", "alter table app.pets alter column id add generated always as identity;".to_owned()),
        ("own-type", "alter type app.size add value 'M';".to_owned()),
        ("syntax", "create tabel app.toys ();".to_owned()),
        ("squawk-comment", "-- squawk-ignore ban-drop-table\nselect 1;".to_owned()),
    ] {
        assert!(rules(&sql).contains(&rule), "{sql}: {:?}", findings(&sql));
    }
}

#[test]
fn what_a_running_version_can_live_with_passes() {
    for sql in [
        &table("name text, price_cents bigint not null, made_at timestamptz, born_on date,"),
        "create view app.guests with (security_invoker = true) as select * from app.pets;",
        "alter table app.pets add column size text;",
        "alter table app.pets add column size text not null default 'S';",
        "alter table app.pets add column size integer;\n\
         alter table app.pets add column friend_id uuid;\n\
         alter table app.pets add constraint pets_friend_fkey foreign key (tenant_id, friend_id) references app.pets (tenant_id, id) not valid;",
        "-- transaction: none\nalter table app.pets validate constraint pets_friend_fkey;",
        "-- transaction: none\n\
         alter table app.pets add column size text;\n\
         create index concurrently pets_size_idx on app.pets (tenant_id, size);\n\
         -- backfill: app.pets, batch 5000, pause 50ms\n\
         update app.pets set size = 'S' where size is null and :batch;",
        "create table app.plans (id uuid not null, constraint plans_pkey primary key (id));\nselect app.replicate('app.plans');",
        "create function app.f() returns int language sql security definer set search_path = pg_catalog as 'select 1';",
    ] {
        assert_eq!(findings(sql), [], "{sql}");
    }
}

#[test]
fn an_exception_says_why_and_is_needed() {
    let drop = "drop table app.pets;";
    assert_eq!(findings(&format!("-- lint: allow ban-drop-table: it was never used\n{drop}")), []);
    assert_eq!(
        rules(&format!("-- lint: allow ban-drop-column: wrong rule\n{drop}")),
        ["unused-allow", "ban-drop-table"]
    );
    assert_eq!(
        rules(&format!("-- lint: allow ban-drop-table: wrong place\nselect 1;\n{drop}")),
        ["unused-allow", "ban-drop-table"]
    );
    assert_eq!(rules(&format!("-- lint: allow ban-drop-table:\n{drop}")), ["comment"]);
    assert_eq!(rules("-- serves: 0011\nselect 1;"), ["serves"]);
    assert_eq!(rules(&format!("-- serves: 0012\n{drop}")), ["serves"]);
    let finding = &findings(&format!("select 1;\n\n-- Gone.\n{drop}"))[0];
    assert!(finding.to_string().starts_with("migrations/0012_now.sql:4: ban-drop-table: "), "{finding}");
}

#[test]
fn the_program_s_own_migrations_pass() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let migrations = crate::migrate::read_folder(&folder).unwrap();
    let findings: Vec<_> = lint(&migrations).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
