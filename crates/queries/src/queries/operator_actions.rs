// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct InsertParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
    T5: crate::StringSql,
> {
    pub id: uuid::Uuid,
    pub at: jiff::Timestamp,
    pub operator_id: Option<uuid::Uuid>,
    pub command: Option<T1>,
    pub request_id: Option<T2>,
    pub action: T3,
    pub subject_id: uuid::Uuid,
    pub before: Option<T4>,
    pub after: Option<T5>,
}
#[derive(Clone, Copy, Debug)]
pub struct ListParams {
    pub older_than: uuid::Uuid,
    pub operator_id: Option<uuid::Uuid>,
    pub subject_id: Option<uuid::Uuid>,
    pub since: Option<jiff::Timestamp>,
    pub until: Option<jiff::Timestamp>,
    pub fetch: i64,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    pub id: uuid::Uuid,
    pub at: jiff::Timestamp,
    pub operator_id: Option<uuid::Uuid>,
    pub command: Option<String>,
    pub request_id: Option<String>,
    pub action: String,
    pub subject_id: uuid::Uuid,
    pub before: Option<String>,
    pub after: Option<String>,
}
pub struct ActionBorrowed<'a> {
    pub id: uuid::Uuid,
    pub at: jiff::Timestamp,
    pub operator_id: Option<uuid::Uuid>,
    pub command: Option<&'a str>,
    pub request_id: Option<&'a str>,
    pub action: &'a str,
    pub subject_id: uuid::Uuid,
    pub before: Option<&'a str>,
    pub after: Option<&'a str>,
}
impl<'a> From<ActionBorrowed<'a>> for Action {
    fn from(
        ActionBorrowed { id, at, operator_id, command, request_id, action, subject_id, before, after, }: ActionBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            at,
            operator_id,
            command: command.map(|v| v.into()),
            request_id: request_id.map(|v| v.into()),
            action: action.into(),
            subject_id,
            before: before.map(|v| v.into()),
            after: after.map(|v| v.into()),
        }
    }
}
use crate::client::async_::GenericClient;
pub struct ActionQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<ActionBorrowed, tokio_postgres::Error>,
    mapper: fn(ActionBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> ActionQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(ActionBorrowed) -> R) -> ActionQuery<'c, 'a, 's, C, R, N> {
        ActionQuery {
            client: self.client,
            params: self.params,
            query: self.query,
            statement: self.statement,
            extractor: self.extractor,
            mapper,
        }
    }
    pub async fn one(self) -> Result<T, tokio_postgres::Error> {
        let row = crate::client::one(self.client, self.query, &self.params).await?;
        Ok((self.mapper)((self.extractor)(&row)?))
    }
    pub async fn all(self) -> Result<Vec<T>, tokio_postgres::Error> {
        let rows = crate::client::all(self.client, self.query, &self.params).await?;
        rows.iter().map(|row| Ok((self.mapper)((self.extractor)(row)?))).collect()
    }
    pub async fn opt(self) -> Result<Option<T>, tokio_postgres::Error> {
        let opt_row = crate::client::opt(self.client, self.query, &self.params).await?;
        Ok(opt_row
            .map(|row| {
                let extracted = (self.extractor)(&row)?;
                Ok((self.mapper)(extracted))
            })
            .transpose()?)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.operator_actions (id, at, operator_id, command, request_id, action, subject_id, before, after) values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9::text::jsonb)",
    )
}
impl InsertStmt {
    pub async fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::StringSql,
        T4: crate::StringSql,
        T5: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
        at: &'a jiff::Timestamp,
        operator_id: &'a Option<uuid::Uuid>,
        command: &'a Option<T1>,
        request_id: &'a Option<T2>,
        action: &'a T3,
        subject_id: &'a uuid::Uuid,
        before: &'a Option<T4>,
        after: &'a Option<T5>,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(
            client,
            self.0,
            &[id, at, operator_id, command, request_id, action, subject_id, before, after],
        )
        .await
    }
}
impl<
    'a,
    C: GenericClient + Send + Sync,
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
    T5: crate::StringSql,
>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        InsertParams<T1, T2, T3, T4, T5>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for InsertStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a InsertParams<T1, T2, T3, T4, T5>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.id,
            &params.at,
            &params.operator_id,
            &params.command,
            &params.request_id,
            &params.action,
            &params.subject_id,
            &params.before,
            &params.after,
        ))
    }
}
pub struct ListStmt(&'static str);
pub fn list() -> ListStmt {
    ListStmt(
        "select id, at, operator_id, command, request_id, action, subject_id, before::text as before, after::text as after from app.operator_actions where id < $1 and case when $2::uuid is null then true else operator_id = $2 end and case when $3::uuid is null then true else subject_id = $3 end and case when $4::timestamptz is null then true else at >= $4 end and case when $5::timestamptz is null then true else at < $5 end order by id desc limit $6",
    )
}
impl ListStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        older_than: &'a uuid::Uuid,
        operator_id: &'a Option<uuid::Uuid>,
        subject_id: &'a Option<uuid::Uuid>,
        since: &'a Option<jiff::Timestamp>,
        until: &'a Option<jiff::Timestamp>,
        fetch: &'a i64,
    ) -> ActionQuery<'c, 'a, 's, C, Action, 6> {
        ActionQuery {
            client,
            params: [older_than, operator_id, subject_id, since, until, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ActionBorrowed, tokio_postgres::Error> {
                Ok(ActionBorrowed {
                    id: row.try_get(0)?,
                    at: row.try_get(1)?,
                    operator_id: row.try_get(2)?,
                    command: row.try_get(3)?,
                    request_id: row.try_get(4)?,
                    action: row.try_get(5)?,
                    subject_id: row.try_get(6)?,
                    before: row.try_get(7)?,
                    after: row.try_get(8)?,
                })
            },
            mapper: |it| Action::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, ListParams, ActionQuery<'c, 'a, 's, C, Action, 6>, C>
    for ListStmt
{
    fn params(&'s self, client: &'c C, params: &'a ListParams) -> ActionQuery<'c, 'a, 's, C, Action, 6> {
        self.bind(
            client,
            &params.older_than,
            &params.operator_id,
            &params.subject_id,
            &params.since,
            &params.until,
            &params.fetch,
        )
    }
}
