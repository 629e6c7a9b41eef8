// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ListParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub before_at: jiff::Timestamp,
    pub before_id: uuid::Uuid,
    pub received_from: jiff::Timestamp,
    pub method: Option<T1>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListByInvoiceParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub before_at: jiff::Timestamp,
    pub before_id: uuid::Uuid,
    pub received_from: jiff::Timestamp,
    pub method: Option<T1>,
    pub fetch: i64,
}
#[derive(Clone, Copy, Debug)]
pub struct FindParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertParams<T1: crate::StringSql, T2: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub amount_cents: i64,
    pub method: T1,
    pub reference: Option<T2>,
    pub staff_id: uuid::Uuid,
    pub now: jiff::Timestamp,
}
#[derive(Clone, Copy, Debug)]
pub struct RefundParams {
    pub amount_cents: i64,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertRefundParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub payment_id: uuid::Uuid,
    pub amount_cents: i64,
    pub reason: Option<T1>,
    pub staff_id: uuid::Uuid,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct RefundsOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub payment_ids: T1,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    pub id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub amount_cents: i64,
    pub refunded_cents: i64,
    pub method: String,
    pub reference: Option<String>,
    pub staff_id: uuid::Uuid,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct PaymentBorrowed<'a> {
    pub id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub amount_cents: i64,
    pub refunded_cents: i64,
    pub method: &'a str,
    pub reference: Option<&'a str>,
    pub staff_id: uuid::Uuid,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<PaymentBorrowed<'a>> for Payment {
    fn from(
        PaymentBorrowed {
            id,
            invoice_id,
            amount_cents,
            refunded_cents,
            method,
            reference,
            staff_id,
            created_at,
            updated_at,
        }: PaymentBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            invoice_id,
            amount_cents,
            refunded_cents,
            method: method.into(),
            reference: reference.map(|v| v.into()),
            staff_id,
            created_at,
            updated_at,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct Refund {
    pub id: uuid::Uuid,
    pub payment_id: uuid::Uuid,
    pub amount_cents: i64,
    pub reason: Option<String>,
    pub staff_id: uuid::Uuid,
    pub created_at: jiff::Timestamp,
}
pub struct RefundBorrowed<'a> {
    pub id: uuid::Uuid,
    pub payment_id: uuid::Uuid,
    pub amount_cents: i64,
    pub reason: Option<&'a str>,
    pub staff_id: uuid::Uuid,
    pub created_at: jiff::Timestamp,
}
impl<'a> From<RefundBorrowed<'a>> for Refund {
    fn from(
        RefundBorrowed { id, payment_id, amount_cents, reason, staff_id, created_at }: RefundBorrowed<'a>,
    ) -> Self {
        Self { id, payment_id, amount_cents, reason: reason.map(|v| v.into()), staff_id, created_at }
    }
}
use crate::client::async_::GenericClient;
pub struct PaymentQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<PaymentBorrowed, tokio_postgres::Error>,
    mapper: fn(PaymentBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> PaymentQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(PaymentBorrowed) -> R) -> PaymentQuery<'c, 'a, 's, C, R, N> {
        PaymentQuery {
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
pub struct RefundQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<RefundBorrowed, tokio_postgres::Error>,
    mapper: fn(RefundBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> RefundQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(RefundBorrowed) -> R) -> RefundQuery<'c, 'a, 's, C, R, N> {
        RefundQuery {
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
pub struct ListStmt(&'static str);
pub fn list() -> ListStmt {
    ListStmt(
        "select id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at from app.payments where tenant_id = $1 and (created_at, id) < ($2, $3) and created_at >= $4 and case when $5::text is null then true else method = $5 end order by created_at desc, id desc limit $6",
    )
}
impl ListStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        before_at: &'a jiff::Timestamp,
        before_id: &'a uuid::Uuid,
        received_from: &'a jiff::Timestamp,
        method: &'a Option<T1>,
        fetch: &'a i64,
    ) -> PaymentQuery<'c, 'a, 's, C, Payment, 6> {
        PaymentQuery {
            client,
            params: [tenant_id, before_at, before_id, received_from, method, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PaymentBorrowed, tokio_postgres::Error> {
                Ok(PaymentBorrowed {
                    id: row.try_get(0)?,
                    invoice_id: row.try_get(1)?,
                    amount_cents: row.try_get(2)?,
                    refunded_cents: row.try_get(3)?,
                    method: row.try_get(4)?,
                    reference: row.try_get(5)?,
                    staff_id: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Payment::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<'c, 'a, 's, ListParams<T1>, PaymentQuery<'c, 'a, 's, C, Payment, 6>, C>
    for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams<T1>,
    ) -> PaymentQuery<'c, 'a, 's, C, Payment, 6> {
        self.bind(
            client,
            &params.tenant_id,
            &params.before_at,
            &params.before_id,
            &params.received_from,
            &params.method,
            &params.fetch,
        )
    }
}
pub struct ListByInvoiceStmt(&'static str);
pub fn list_by_invoice() -> ListByInvoiceStmt {
    ListByInvoiceStmt(
        "select id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at from app.payments where tenant_id = $1 and invoice_id = $2 and (created_at, id) < ($3, $4) and created_at >= $5 and case when $6::text is null then true else method = $6 end order by created_at desc, id desc limit $7",
    )
}
impl ListByInvoiceStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        invoice_id: &'a uuid::Uuid,
        before_at: &'a jiff::Timestamp,
        before_id: &'a uuid::Uuid,
        received_from: &'a jiff::Timestamp,
        method: &'a Option<T1>,
        fetch: &'a i64,
    ) -> PaymentQuery<'c, 'a, 's, C, Payment, 7> {
        PaymentQuery {
            client,
            params: [tenant_id, invoice_id, before_at, before_id, received_from, method, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PaymentBorrowed, tokio_postgres::Error> {
                Ok(PaymentBorrowed {
                    id: row.try_get(0)?,
                    invoice_id: row.try_get(1)?,
                    amount_cents: row.try_get(2)?,
                    refunded_cents: row.try_get(3)?,
                    method: row.try_get(4)?,
                    reference: row.try_get(5)?,
                    staff_id: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Payment::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListByInvoiceParams<T1>,
        PaymentQuery<'c, 'a, 's, C, Payment, 7>,
        C,
    > for ListByInvoiceStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListByInvoiceParams<T1>,
    ) -> PaymentQuery<'c, 'a, 's, C, Payment, 7> {
        self.bind(
            client,
            &params.tenant_id,
            &params.invoice_id,
            &params.before_at,
            &params.before_id,
            &params.received_from,
            &params.method,
            &params.fetch,
        )
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at from app.payments where tenant_id = $1 and id = $2",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> PaymentQuery<'c, 'a, 's, C, Payment, 2> {
        PaymentQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PaymentBorrowed, tokio_postgres::Error> {
                Ok(PaymentBorrowed {
                    id: row.try_get(0)?,
                    invoice_id: row.try_get(1)?,
                    amount_cents: row.try_get(2)?,
                    refunded_cents: row.try_get(3)?,
                    method: row.try_get(4)?,
                    reference: row.try_get(5)?,
                    staff_id: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Payment::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindParams, PaymentQuery<'c, 'a, 's, C, Payment, 2>, C>
    for FindStmt
{
    fn params(&'s self, client: &'c C, params: &'a FindParams) -> PaymentQuery<'c, 'a, 's, C, Payment, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.payments (tenant_id, id, invoice_id, amount_cents, method, reference, staff_id, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at",
    )
}
impl InsertStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        invoice_id: &'a uuid::Uuid,
        amount_cents: &'a i64,
        method: &'a T1,
        reference: &'a Option<T2>,
        staff_id: &'a uuid::Uuid,
        now: &'a jiff::Timestamp,
    ) -> PaymentQuery<'c, 'a, 's, C, Payment, 8> {
        PaymentQuery {
            client,
            params: [tenant_id, id, invoice_id, amount_cents, method, reference, staff_id, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PaymentBorrowed, tokio_postgres::Error> {
                Ok(PaymentBorrowed {
                    id: row.try_get(0)?,
                    invoice_id: row.try_get(1)?,
                    amount_cents: row.try_get(2)?,
                    refunded_cents: row.try_get(3)?,
                    method: row.try_get(4)?,
                    reference: row.try_get(5)?,
                    staff_id: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Payment::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1, T2>,
        PaymentQuery<'c, 'a, 's, C, Payment, 8>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2>,
    ) -> PaymentQuery<'c, 'a, 's, C, Payment, 8> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.invoice_id,
            &params.amount_cents,
            &params.method,
            &params.reference,
            &params.staff_id,
            &params.now,
        )
    }
}
pub struct RefundStmt(&'static str);
pub fn refund() -> RefundStmt {
    RefundStmt(
        "update app.payments set refunded_cents = refunded_cents + $1, updated_at = $2 where tenant_id = $3 and id = $4 returning id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at",
    )
}
impl RefundStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        amount_cents: &'a i64,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> PaymentQuery<'c, 'a, 's, C, Payment, 4> {
        PaymentQuery {
            client,
            params: [amount_cents, now, tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PaymentBorrowed, tokio_postgres::Error> {
                Ok(PaymentBorrowed {
                    id: row.try_get(0)?,
                    invoice_id: row.try_get(1)?,
                    amount_cents: row.try_get(2)?,
                    refunded_cents: row.try_get(3)?,
                    method: row.try_get(4)?,
                    reference: row.try_get(5)?,
                    staff_id: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Payment::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, RefundParams, PaymentQuery<'c, 'a, 's, C, Payment, 4>, C>
    for RefundStmt
{
    fn params(&'s self, client: &'c C, params: &'a RefundParams) -> PaymentQuery<'c, 'a, 's, C, Payment, 4> {
        self.bind(client, &params.amount_cents, &params.now, &params.tenant_id, &params.id)
    }
}
pub struct InsertRefundStmt(&'static str);
pub fn insert_refund() -> InsertRefundStmt {
    InsertRefundStmt(
        "insert into app.refunds (tenant_id, id, payment_id, amount_cents, reason, staff_id, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
    )
}
impl InsertRefundStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        payment_id: &'a uuid::Uuid,
        amount_cents: &'a i64,
        reason: &'a Option<T1>,
        staff_id: &'a uuid::Uuid,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(
            client,
            self.0,
            &[tenant_id, id, payment_id, amount_cents, reason, staff_id, now],
        )
        .await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        InsertRefundParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for InsertRefundStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a InsertRefundParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.payment_id,
            &params.amount_cents,
            &params.reason,
            &params.staff_id,
            &params.now,
        ))
    }
}
pub struct RefundsOfStmt(&'static str);
pub fn refunds_of() -> RefundsOfStmt {
    RefundsOfStmt(
        "select id, payment_id, amount_cents, reason, staff_id, created_at from app.refunds where tenant_id = $1 and payment_id = any ($2) order by payment_id, created_at, id",
    )
}
impl RefundsOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        payment_ids: &'a T1,
    ) -> RefundQuery<'c, 'a, 's, C, Refund, 2> {
        RefundQuery {
            client,
            params: [tenant_id, payment_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<RefundBorrowed, tokio_postgres::Error> {
                Ok(RefundBorrowed {
                    id: row.try_get(0)?,
                    payment_id: row.try_get(1)?,
                    amount_cents: row.try_get(2)?,
                    reason: row.try_get(3)?,
                    staff_id: row.try_get(4)?,
                    created_at: row.try_get(5)?,
                })
            },
            mapper: |it| Refund::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<'c, 'a, 's, RefundsOfParams<T1>, RefundQuery<'c, 'a, 's, C, Refund, 2>, C>
    for RefundsOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a RefundsOfParams<T1>,
    ) -> RefundQuery<'c, 'a, 's, C, Refund, 2> {
        self.bind(client, &params.tenant_id, &params.payment_ids)
    }
}
