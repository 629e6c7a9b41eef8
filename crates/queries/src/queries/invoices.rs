// This file was generated with `clorinde`. Do not modify.
#[derive(Clone, Copy, Debug)]
pub struct ListParams {
    pub tenant_id: uuid::Uuid,
    pub before_date: jiff::civil::Date,
    pub before_id: uuid::Uuid,
    pub issued_from: jiff::civil::Date,
    pub overdue: Option<bool>,
    pub today: jiff::civil::Date,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListByStatusParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub status: T1,
    pub before_date: jiff::civil::Date,
    pub before_id: uuid::Uuid,
    pub issued_from: jiff::civil::Date,
    pub overdue: Option<bool>,
    pub today: jiff::civil::Date,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListByCustomerParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub before_date: jiff::civil::Date,
    pub before_id: uuid::Uuid,
    pub issued_from: jiff::civil::Date,
    pub status: Option<T1>,
    pub overdue: Option<bool>,
    pub today: jiff::civil::Date,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListByNumberParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub number: i64,
    pub before_date: jiff::civil::Date,
    pub before_id: uuid::Uuid,
    pub issued_from: jiff::civil::Date,
    pub customer_id: Option<uuid::Uuid>,
    pub status: Option<T1>,
    pub overdue: Option<bool>,
    pub today: jiff::civil::Date,
    pub fetch: i64,
}
#[derive(Clone, Copy, Debug)]
pub struct FindParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct LockParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertParams<T1: crate::StringSql, T2: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub number: Option<i64>,
    pub customer_id: uuid::Uuid,
    pub status: T1,
    pub issue_date: jiff::civil::Date,
    pub due_date: jiff::civil::Date,
    pub tax_rate_bps: i32,
    pub subtotal_cents: i64,
    pub tax_cents: i64,
    pub total_cents: i64,
    pub notes: Option<T2>,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateParams<T1: crate::StringSql, T2: crate::StringSql> {
    pub number: Option<i64>,
    pub status: T1,
    pub issue_date: jiff::civil::Date,
    pub due_date: jiff::civil::Date,
    pub tax_rate_bps: i32,
    pub subtotal_cents: i64,
    pub tax_cents: i64,
    pub total_cents: i64,
    pub paid_cents: i64,
    pub notes: Option<T2>,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct LinesOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub invoice_ids: T1,
}
#[derive(Debug)]
pub struct InsertLineParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub position: i32,
    pub reservation_id: Option<uuid::Uuid>,
    pub description: T1,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteLinesParams {
    pub tenant_id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
}
#[derive(Debug)]
pub struct PaymentsOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub invoice_ids: T1,
}
#[derive(Debug)]
pub struct CustomersOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub customer_ids: T1,
}
#[derive(Clone, Copy, Debug)]
pub struct StaysOnParams {
    pub tenant_id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
}
#[derive(Debug)]
pub struct StaysParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Debug)]
pub struct StayLinesParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Debug)]
pub struct BillStaysParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub invoice_id: uuid::Uuid,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Debug)]
pub struct FreeStaysParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub staying: T1,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice {
    pub id: uuid::Uuid,
    pub number: Option<i64>,
    pub customer_id: uuid::Uuid,
    pub status: String,
    pub issue_date: jiff::civil::Date,
    pub due_date: jiff::civil::Date,
    pub tax_rate_bps: i32,
    pub subtotal_cents: i64,
    pub tax_cents: i64,
    pub total_cents: i64,
    pub paid_cents: i64,
    pub balance_cents: i64,
    pub notes: Option<String>,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct InvoiceBorrowed<'a> {
    pub id: uuid::Uuid,
    pub number: Option<i64>,
    pub customer_id: uuid::Uuid,
    pub status: &'a str,
    pub issue_date: jiff::civil::Date,
    pub due_date: jiff::civil::Date,
    pub tax_rate_bps: i32,
    pub subtotal_cents: i64,
    pub tax_cents: i64,
    pub total_cents: i64,
    pub paid_cents: i64,
    pub balance_cents: i64,
    pub notes: Option<&'a str>,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<InvoiceBorrowed<'a>> for Invoice {
    fn from(
        InvoiceBorrowed {
            id,
            number,
            customer_id,
            status,
            issue_date,
            due_date,
            tax_rate_bps,
            subtotal_cents,
            tax_cents,
            total_cents,
            paid_cents,
            balance_cents,
            notes,
            version,
            created_at,
            updated_at,
        }: InvoiceBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            number,
            customer_id,
            status: status.into(),
            issue_date,
            due_date,
            tax_rate_bps,
            subtotal_cents,
            tax_cents,
            total_cents,
            paid_cents,
            balance_cents,
            notes: notes.map(|v| v.into()),
            version,
            created_at,
            updated_at,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceLine {
    pub id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub position: i32,
    pub reservation_id: Option<uuid::Uuid>,
    pub description: String,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
}
pub struct InvoiceLineBorrowed<'a> {
    pub id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub position: i32,
    pub reservation_id: Option<uuid::Uuid>,
    pub description: &'a str,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
}
impl<'a> From<InvoiceLineBorrowed<'a>> for InvoiceLine {
    fn from(
        InvoiceLineBorrowed {
            id,
            invoice_id,
            position,
            reservation_id,
            description,
            quantity,
            unit_price_cents,
            amount_cents,
            taxable,
        }: InvoiceLineBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            invoice_id,
            position,
            reservation_id,
            description: description.into(),
            quantity,
            unit_price_cents,
            amount_cents,
            taxable,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct InvoicePayment {
    pub id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub amount_cents: i64,
    pub refunded_cents: i64,
    pub method: String,
    pub reference: Option<String>,
    pub created_at: jiff::Timestamp,
}
pub struct InvoicePaymentBorrowed<'a> {
    pub id: uuid::Uuid,
    pub invoice_id: uuid::Uuid,
    pub amount_cents: i64,
    pub refunded_cents: i64,
    pub method: &'a str,
    pub reference: Option<&'a str>,
    pub created_at: jiff::Timestamp,
}
impl<'a> From<InvoicePaymentBorrowed<'a>> for InvoicePayment {
    fn from(
        InvoicePaymentBorrowed {
            id,
            invoice_id,
            amount_cents,
            refunded_cents,
            method,
            reference,
            created_at,
        }: InvoicePaymentBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            invoice_id,
            amount_cents,
            refunded_cents,
            method: method.into(),
            reference: reference.map(|v| v.into()),
            created_at,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceCustomer {
    pub id: uuid::Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}
pub struct InvoiceCustomerBorrowed<'a> {
    pub id: uuid::Uuid,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
}
impl<'a> From<InvoiceCustomerBorrowed<'a>> for InvoiceCustomer {
    fn from(
        InvoiceCustomerBorrowed { id, first_name, last_name, email, phone }: InvoiceCustomerBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            first_name: first_name.into(),
            last_name: last_name.into(),
            email: email.map(|v| v.into()),
            phone: phone.map(|v| v.into()),
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct BilledStay {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub status: String,
    pub invoice_id: Option<uuid::Uuid>,
}
pub struct BilledStayBorrowed<'a> {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub status: &'a str,
    pub invoice_id: Option<uuid::Uuid>,
}
impl<'a> From<BilledStayBorrowed<'a>> for BilledStay {
    fn from(BilledStayBorrowed { id, customer_id, status, invoice_id }: BilledStayBorrowed<'a>) -> Self {
        Self { id, customer_id, status: status.into(), invoice_id }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct StayLine {
    pub reservation_id: uuid::Uuid,
    pub description: String,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
}
pub struct StayLineBorrowed<'a> {
    pub reservation_id: uuid::Uuid,
    pub description: &'a str,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
}
impl<'a> From<StayLineBorrowed<'a>> for StayLine {
    fn from(
        StayLineBorrowed { reservation_id, description, quantity, unit_price_cents, amount_cents, taxable, }: StayLineBorrowed<'a>,
    ) -> Self {
        Self {
            reservation_id,
            description: description.into(),
            quantity,
            unit_price_cents,
            amount_cents,
            taxable,
        }
    }
}
use crate::client::async_::GenericClient;
pub struct InvoiceQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<InvoiceBorrowed, tokio_postgres::Error>,
    mapper: fn(InvoiceBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> InvoiceQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(InvoiceBorrowed) -> R) -> InvoiceQuery<'c, 'a, 's, C, R, N> {
        InvoiceQuery {
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
pub struct I64Query<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<i64, tokio_postgres::Error>,
    mapper: fn(i64) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> I64Query<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(i64) -> R) -> I64Query<'c, 'a, 's, C, R, N> {
        I64Query {
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
pub struct InvoiceLineQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<InvoiceLineBorrowed, tokio_postgres::Error>,
    mapper: fn(InvoiceLineBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> InvoiceLineQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(InvoiceLineBorrowed) -> R) -> InvoiceLineQuery<'c, 'a, 's, C, R, N> {
        InvoiceLineQuery {
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
pub struct InvoicePaymentQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<InvoicePaymentBorrowed, tokio_postgres::Error>,
    mapper: fn(InvoicePaymentBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> InvoicePaymentQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(InvoicePaymentBorrowed) -> R) -> InvoicePaymentQuery<'c, 'a, 's, C, R, N> {
        InvoicePaymentQuery {
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
pub struct InvoiceCustomerQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<InvoiceCustomerBorrowed, tokio_postgres::Error>,
    mapper: fn(InvoiceCustomerBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> InvoiceCustomerQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(
        self,
        mapper: fn(InvoiceCustomerBorrowed) -> R,
    ) -> InvoiceCustomerQuery<'c, 'a, 's, C, R, N> {
        InvoiceCustomerQuery {
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
pub struct UuidUuidQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<uuid::Uuid, tokio_postgres::Error>,
    mapper: fn(uuid::Uuid) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> UuidUuidQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(uuid::Uuid) -> R) -> UuidUuidQuery<'c, 'a, 's, C, R, N> {
        UuidUuidQuery {
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
pub struct BilledStayQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<BilledStayBorrowed, tokio_postgres::Error>,
    mapper: fn(BilledStayBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> BilledStayQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(BilledStayBorrowed) -> R) -> BilledStayQuery<'c, 'a, 's, C, R, N> {
        BilledStayQuery {
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
pub struct StayLineQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<StayLineBorrowed, tokio_postgres::Error>,
    mapper: fn(StayLineBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> StayLineQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(StayLineBorrowed) -> R) -> StayLineQuery<'c, 'a, 's, C, R, N> {
        StayLineQuery {
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
        "select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents, paid_cents, balance_cents, notes, version, created_at, updated_at from app.invoices where tenant_id = $1 and (issue_date, id) < ($2, $3) and issue_date >= $4 and case when $5::boolean is null then true else (status = 'OPEN' and due_date < $6) = $5 end order by issue_date desc, id desc limit $7",
    )
}
impl ListStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        before_date: &'a jiff::civil::Date,
        before_id: &'a uuid::Uuid,
        issued_from: &'a jiff::civil::Date,
        overdue: &'a Option<bool>,
        today: &'a jiff::civil::Date,
        fetch: &'a i64,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 7> {
        InvoiceQuery {
            client,
            params: [tenant_id, before_date, before_id, issued_from, overdue, today, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceBorrowed, tokio_postgres::Error> {
                Ok(InvoiceBorrowed {
                    id: row.try_get(0)?,
                    number: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    status: row.try_get(3)?,
                    issue_date: row.try_get(4)?,
                    due_date: row.try_get(5)?,
                    tax_rate_bps: row.try_get(6)?,
                    subtotal_cents: row.try_get(7)?,
                    tax_cents: row.try_get(8)?,
                    total_cents: row.try_get(9)?,
                    paid_cents: row.try_get(10)?,
                    balance_cents: row.try_get(11)?,
                    notes: row.try_get(12)?,
                    version: row.try_get(13)?,
                    created_at: row.try_get(14)?,
                    updated_at: row.try_get(15)?,
                })
            },
            mapper: |it| Invoice::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, ListParams, InvoiceQuery<'c, 'a, 's, C, Invoice, 7>, C>
    for ListStmt
{
    fn params(&'s self, client: &'c C, params: &'a ListParams) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 7> {
        self.bind(
            client,
            &params.tenant_id,
            &params.before_date,
            &params.before_id,
            &params.issued_from,
            &params.overdue,
            &params.today,
            &params.fetch,
        )
    }
}
pub struct ListByStatusStmt(&'static str);
pub fn list_by_status() -> ListByStatusStmt {
    ListByStatusStmt(
        "select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents, paid_cents, balance_cents, notes, version, created_at, updated_at from app.invoices where tenant_id = $1 and status = $2 and (issue_date, id) < ($3, $4) and issue_date >= $5 and case when $6::boolean is null then true else (status = 'OPEN' and due_date < $7) = $6 end order by issue_date desc, id desc limit $8",
    )
}
impl ListByStatusStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        status: &'a T1,
        before_date: &'a jiff::civil::Date,
        before_id: &'a uuid::Uuid,
        issued_from: &'a jiff::civil::Date,
        overdue: &'a Option<bool>,
        today: &'a jiff::civil::Date,
        fetch: &'a i64,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 8> {
        InvoiceQuery {
            client,
            params: [tenant_id, status, before_date, before_id, issued_from, overdue, today, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceBorrowed, tokio_postgres::Error> {
                Ok(InvoiceBorrowed {
                    id: row.try_get(0)?,
                    number: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    status: row.try_get(3)?,
                    issue_date: row.try_get(4)?,
                    due_date: row.try_get(5)?,
                    tax_rate_bps: row.try_get(6)?,
                    subtotal_cents: row.try_get(7)?,
                    tax_cents: row.try_get(8)?,
                    total_cents: row.try_get(9)?,
                    paid_cents: row.try_get(10)?,
                    balance_cents: row.try_get(11)?,
                    notes: row.try_get(12)?,
                    version: row.try_get(13)?,
                    created_at: row.try_get(14)?,
                    updated_at: row.try_get(15)?,
                })
            },
            mapper: |it| Invoice::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListByStatusParams<T1>,
        InvoiceQuery<'c, 'a, 's, C, Invoice, 8>,
        C,
    > for ListByStatusStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListByStatusParams<T1>,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 8> {
        self.bind(
            client,
            &params.tenant_id,
            &params.status,
            &params.before_date,
            &params.before_id,
            &params.issued_from,
            &params.overdue,
            &params.today,
            &params.fetch,
        )
    }
}
pub struct ListByCustomerStmt(&'static str);
pub fn list_by_customer() -> ListByCustomerStmt {
    ListByCustomerStmt(
        "select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents, paid_cents, balance_cents, notes, version, created_at, updated_at from app.invoices where tenant_id = $1 and customer_id = $2 and (issue_date, id) < ($3, $4) and issue_date >= $5 and case when $6::text is null then true else status = $6 end and case when $7::boolean is null then true else (status = 'OPEN' and due_date < $8) = $7 end order by issue_date desc, id desc limit $9",
    )
}
impl ListByCustomerStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        customer_id: &'a uuid::Uuid,
        before_date: &'a jiff::civil::Date,
        before_id: &'a uuid::Uuid,
        issued_from: &'a jiff::civil::Date,
        status: &'a Option<T1>,
        overdue: &'a Option<bool>,
        today: &'a jiff::civil::Date,
        fetch: &'a i64,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 9> {
        InvoiceQuery {
            client,
            params: [
                tenant_id,
                customer_id,
                before_date,
                before_id,
                issued_from,
                status,
                overdue,
                today,
                fetch,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceBorrowed, tokio_postgres::Error> {
                Ok(InvoiceBorrowed {
                    id: row.try_get(0)?,
                    number: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    status: row.try_get(3)?,
                    issue_date: row.try_get(4)?,
                    due_date: row.try_get(5)?,
                    tax_rate_bps: row.try_get(6)?,
                    subtotal_cents: row.try_get(7)?,
                    tax_cents: row.try_get(8)?,
                    total_cents: row.try_get(9)?,
                    paid_cents: row.try_get(10)?,
                    balance_cents: row.try_get(11)?,
                    notes: row.try_get(12)?,
                    version: row.try_get(13)?,
                    created_at: row.try_get(14)?,
                    updated_at: row.try_get(15)?,
                })
            },
            mapper: |it| Invoice::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListByCustomerParams<T1>,
        InvoiceQuery<'c, 'a, 's, C, Invoice, 9>,
        C,
    > for ListByCustomerStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListByCustomerParams<T1>,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 9> {
        self.bind(
            client,
            &params.tenant_id,
            &params.customer_id,
            &params.before_date,
            &params.before_id,
            &params.issued_from,
            &params.status,
            &params.overdue,
            &params.today,
            &params.fetch,
        )
    }
}
pub struct ListByNumberStmt(&'static str);
pub fn list_by_number() -> ListByNumberStmt {
    ListByNumberStmt(
        "select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents, paid_cents, balance_cents, notes, version, created_at, updated_at from app.invoices where tenant_id = $1 and number = $2 and (issue_date, id) < ($3, $4) and issue_date >= $5 and case when $6::uuid is null then true else customer_id = $6 end and case when $7::text is null then true else status = $7 end and case when $8::boolean is null then true else (status = 'OPEN' and due_date < $9) = $8 end order by issue_date desc, id desc limit $10",
    )
}
impl ListByNumberStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        number: &'a i64,
        before_date: &'a jiff::civil::Date,
        before_id: &'a uuid::Uuid,
        issued_from: &'a jiff::civil::Date,
        customer_id: &'a Option<uuid::Uuid>,
        status: &'a Option<T1>,
        overdue: &'a Option<bool>,
        today: &'a jiff::civil::Date,
        fetch: &'a i64,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 10> {
        InvoiceQuery {
            client,
            params: [
                tenant_id,
                number,
                before_date,
                before_id,
                issued_from,
                customer_id,
                status,
                overdue,
                today,
                fetch,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceBorrowed, tokio_postgres::Error> {
                Ok(InvoiceBorrowed {
                    id: row.try_get(0)?,
                    number: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    status: row.try_get(3)?,
                    issue_date: row.try_get(4)?,
                    due_date: row.try_get(5)?,
                    tax_rate_bps: row.try_get(6)?,
                    subtotal_cents: row.try_get(7)?,
                    tax_cents: row.try_get(8)?,
                    total_cents: row.try_get(9)?,
                    paid_cents: row.try_get(10)?,
                    balance_cents: row.try_get(11)?,
                    notes: row.try_get(12)?,
                    version: row.try_get(13)?,
                    created_at: row.try_get(14)?,
                    updated_at: row.try_get(15)?,
                })
            },
            mapper: |it| Invoice::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListByNumberParams<T1>,
        InvoiceQuery<'c, 'a, 's, C, Invoice, 10>,
        C,
    > for ListByNumberStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListByNumberParams<T1>,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 10> {
        self.bind(
            client,
            &params.tenant_id,
            &params.number,
            &params.before_date,
            &params.before_id,
            &params.issued_from,
            &params.customer_id,
            &params.status,
            &params.overdue,
            &params.today,
            &params.fetch,
        )
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents, paid_cents, balance_cents, notes, version, created_at, updated_at from app.invoices where tenant_id = $1 and id = $2",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 2> {
        InvoiceQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceBorrowed, tokio_postgres::Error> {
                Ok(InvoiceBorrowed {
                    id: row.try_get(0)?,
                    number: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    status: row.try_get(3)?,
                    issue_date: row.try_get(4)?,
                    due_date: row.try_get(5)?,
                    tax_rate_bps: row.try_get(6)?,
                    subtotal_cents: row.try_get(7)?,
                    tax_cents: row.try_get(8)?,
                    total_cents: row.try_get(9)?,
                    paid_cents: row.try_get(10)?,
                    balance_cents: row.try_get(11)?,
                    notes: row.try_get(12)?,
                    version: row.try_get(13)?,
                    created_at: row.try_get(14)?,
                    updated_at: row.try_get(15)?,
                })
            },
            mapper: |it| Invoice::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindParams, InvoiceQuery<'c, 'a, 's, C, Invoice, 2>, C>
    for FindStmt
{
    fn params(&'s self, client: &'c C, params: &'a FindParams) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents, paid_cents, balance_cents, notes, version, created_at, updated_at from app.invoices where tenant_id = $1 and id = $2 for update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 2> {
        InvoiceQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceBorrowed, tokio_postgres::Error> {
                Ok(InvoiceBorrowed {
                    id: row.try_get(0)?,
                    number: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    status: row.try_get(3)?,
                    issue_date: row.try_get(4)?,
                    due_date: row.try_get(5)?,
                    tax_rate_bps: row.try_get(6)?,
                    subtotal_cents: row.try_get(7)?,
                    tax_cents: row.try_get(8)?,
                    total_cents: row.try_get(9)?,
                    paid_cents: row.try_get(10)?,
                    balance_cents: row.try_get(11)?,
                    notes: row.try_get(12)?,
                    version: row.try_get(13)?,
                    created_at: row.try_get(14)?,
                    updated_at: row.try_get(15)?,
                })
            },
            mapper: |it| Invoice::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, LockParams, InvoiceQuery<'c, 'a, 's, C, Invoice, 2>, C>
    for LockStmt
{
    fn params(&'s self, client: &'c C, params: &'a LockParams) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.invoices (tenant_id, id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents, paid_cents, notes, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, $13) returning id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents, paid_cents, balance_cents, notes, version, created_at, updated_at",
    )
}
impl InsertStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        number: &'a Option<i64>,
        customer_id: &'a uuid::Uuid,
        status: &'a T1,
        issue_date: &'a jiff::civil::Date,
        due_date: &'a jiff::civil::Date,
        tax_rate_bps: &'a i32,
        subtotal_cents: &'a i64,
        tax_cents: &'a i64,
        total_cents: &'a i64,
        notes: &'a Option<T2>,
        now: &'a jiff::Timestamp,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 13> {
        InvoiceQuery {
            client,
            params: [
                tenant_id,
                id,
                number,
                customer_id,
                status,
                issue_date,
                due_date,
                tax_rate_bps,
                subtotal_cents,
                tax_cents,
                total_cents,
                notes,
                now,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceBorrowed, tokio_postgres::Error> {
                Ok(InvoiceBorrowed {
                    id: row.try_get(0)?,
                    number: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    status: row.try_get(3)?,
                    issue_date: row.try_get(4)?,
                    due_date: row.try_get(5)?,
                    tax_rate_bps: row.try_get(6)?,
                    subtotal_cents: row.try_get(7)?,
                    tax_cents: row.try_get(8)?,
                    total_cents: row.try_get(9)?,
                    paid_cents: row.try_get(10)?,
                    balance_cents: row.try_get(11)?,
                    notes: row.try_get(12)?,
                    version: row.try_get(13)?,
                    created_at: row.try_get(14)?,
                    updated_at: row.try_get(15)?,
                })
            },
            mapper: |it| Invoice::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1, T2>,
        InvoiceQuery<'c, 'a, 's, C, Invoice, 13>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2>,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 13> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.number,
            &params.customer_id,
            &params.status,
            &params.issue_date,
            &params.due_date,
            &params.tax_rate_bps,
            &params.subtotal_cents,
            &params.tax_cents,
            &params.total_cents,
            &params.notes,
            &params.now,
        )
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.invoices set number = $1, status = $2, issue_date = $3, due_date = $4, tax_rate_bps = $5, subtotal_cents = $6, tax_cents = $7, total_cents = $8, paid_cents = $9, notes = $10, version = version + 1, updated_at = $11 where tenant_id = $12 and id = $13 returning id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents, paid_cents, balance_cents, notes, version, created_at, updated_at",
    )
}
impl UpdateStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>(
        &'s self,
        client: &'c C,
        number: &'a Option<i64>,
        status: &'a T1,
        issue_date: &'a jiff::civil::Date,
        due_date: &'a jiff::civil::Date,
        tax_rate_bps: &'a i32,
        subtotal_cents: &'a i64,
        tax_cents: &'a i64,
        total_cents: &'a i64,
        paid_cents: &'a i64,
        notes: &'a Option<T2>,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 13> {
        InvoiceQuery {
            client,
            params: [
                number,
                status,
                issue_date,
                due_date,
                tax_rate_bps,
                subtotal_cents,
                tax_cents,
                total_cents,
                paid_cents,
                notes,
                now,
                tenant_id,
                id,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceBorrowed, tokio_postgres::Error> {
                Ok(InvoiceBorrowed {
                    id: row.try_get(0)?,
                    number: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    status: row.try_get(3)?,
                    issue_date: row.try_get(4)?,
                    due_date: row.try_get(5)?,
                    tax_rate_bps: row.try_get(6)?,
                    subtotal_cents: row.try_get(7)?,
                    tax_cents: row.try_get(8)?,
                    total_cents: row.try_get(9)?,
                    paid_cents: row.try_get(10)?,
                    balance_cents: row.try_get(11)?,
                    notes: row.try_get(12)?,
                    version: row.try_get(13)?,
                    created_at: row.try_get(14)?,
                    updated_at: row.try_get(15)?,
                })
            },
            mapper: |it| Invoice::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        UpdateParams<T1, T2>,
        InvoiceQuery<'c, 'a, 's, C, Invoice, 13>,
        C,
    > for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1, T2>,
    ) -> InvoiceQuery<'c, 'a, 's, C, Invoice, 13> {
        self.bind(
            client,
            &params.number,
            &params.status,
            &params.issue_date,
            &params.due_date,
            &params.tax_rate_bps,
            &params.subtotal_cents,
            &params.tax_cents,
            &params.total_cents,
            &params.paid_cents,
            &params.notes,
            &params.now,
            &params.tenant_id,
            &params.id,
        )
    }
}
pub struct DeleteStmt(&'static str);
pub fn delete() -> DeleteStmt {
    DeleteStmt("delete from app.invoices where tenant_id = $1 and id = $2")
}
impl DeleteStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.id))
    }
}
pub struct DrawNumberStmt(&'static str);
pub fn draw_number() -> DrawNumberStmt {
    DrawNumberStmt(
        "insert into app.invoice_counters (tenant_id, last_number) values ($1, 1) on conflict (tenant_id) do update set last_number = invoice_counters.last_number + 1 returning last_number",
    )
}
impl DrawNumberStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
    ) -> I64Query<'c, 'a, 's, C, i64, 1> {
        I64Query {
            client,
            params: [tenant_id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
pub struct LinesOfStmt(&'static str);
pub fn lines_of() -> LinesOfStmt {
    LinesOfStmt(
        "select id, invoice_id, position, reservation_id, description, quantity, unit_price_cents, amount_cents, taxable from app.invoice_lines where tenant_id = $1 and invoice_id = any ($2) order by invoice_id, position",
    )
}
impl LinesOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        invoice_ids: &'a T1,
    ) -> InvoiceLineQuery<'c, 'a, 's, C, InvoiceLine, 2> {
        InvoiceLineQuery {
            client,
            params: [tenant_id, invoice_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceLineBorrowed, tokio_postgres::Error> {
                Ok(InvoiceLineBorrowed {
                    id: row.try_get(0)?,
                    invoice_id: row.try_get(1)?,
                    position: row.try_get(2)?,
                    reservation_id: row.try_get(3)?,
                    description: row.try_get(4)?,
                    quantity: row.try_get(5)?,
                    unit_price_cents: row.try_get(6)?,
                    amount_cents: row.try_get(7)?,
                    taxable: row.try_get(8)?,
                })
            },
            mapper: |it| InvoiceLine::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        LinesOfParams<T1>,
        InvoiceLineQuery<'c, 'a, 's, C, InvoiceLine, 2>,
        C,
    > for LinesOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a LinesOfParams<T1>,
    ) -> InvoiceLineQuery<'c, 'a, 's, C, InvoiceLine, 2> {
        self.bind(client, &params.tenant_id, &params.invoice_ids)
    }
}
pub struct InsertLineStmt(&'static str);
pub fn insert_line() -> InsertLineStmt {
    InsertLineStmt(
        "insert into app.invoice_lines (tenant_id, id, invoice_id, position, reservation_id, description, quantity, unit_price_cents, amount_cents, taxable) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
}
impl InsertLineStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        invoice_id: &'a uuid::Uuid,
        position: &'a i32,
        reservation_id: &'a Option<uuid::Uuid>,
        description: &'a T1,
        quantity: &'a i32,
        unit_price_cents: &'a i64,
        amount_cents: &'a i64,
        taxable: &'a bool,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(
            client,
            self.0,
            &[
                tenant_id,
                id,
                invoice_id,
                position,
                reservation_id,
                description,
                quantity,
                unit_price_cents,
                amount_cents,
                taxable,
            ],
        )
        .await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        InsertLineParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for InsertLineStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a InsertLineParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.invoice_id,
            &params.position,
            &params.reservation_id,
            &params.description,
            &params.quantity,
            &params.unit_price_cents,
            &params.amount_cents,
            &params.taxable,
        ))
    }
}
pub struct DeleteLinesStmt(&'static str);
pub fn delete_lines() -> DeleteLinesStmt {
    DeleteLinesStmt("delete from app.invoice_lines where tenant_id = $1 and invoice_id = $2")
}
impl DeleteLinesStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        invoice_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, invoice_id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteLinesParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteLinesStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteLinesParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.invoice_id))
    }
}
pub struct PaymentsOfStmt(&'static str);
pub fn payments_of() -> PaymentsOfStmt {
    PaymentsOfStmt(
        "select id, invoice_id, amount_cents, refunded_cents, method, reference, created_at from app.payments where tenant_id = $1 and invoice_id = any ($2) order by invoice_id, created_at, id",
    )
}
impl PaymentsOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        invoice_ids: &'a T1,
    ) -> InvoicePaymentQuery<'c, 'a, 's, C, InvoicePayment, 2> {
        InvoicePaymentQuery {
            client,
            params: [tenant_id, invoice_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoicePaymentBorrowed, tokio_postgres::Error> {
                Ok(InvoicePaymentBorrowed {
                    id: row.try_get(0)?,
                    invoice_id: row.try_get(1)?,
                    amount_cents: row.try_get(2)?,
                    refunded_cents: row.try_get(3)?,
                    method: row.try_get(4)?,
                    reference: row.try_get(5)?,
                    created_at: row.try_get(6)?,
                })
            },
            mapper: |it| InvoicePayment::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        PaymentsOfParams<T1>,
        InvoicePaymentQuery<'c, 'a, 's, C, InvoicePayment, 2>,
        C,
    > for PaymentsOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a PaymentsOfParams<T1>,
    ) -> InvoicePaymentQuery<'c, 'a, 's, C, InvoicePayment, 2> {
        self.bind(client, &params.tenant_id, &params.invoice_ids)
    }
}
pub struct CustomersOfStmt(&'static str);
pub fn customers_of() -> CustomersOfStmt {
    CustomersOfStmt(
        "select id, first_name, last_name, email, phone from app.customers where tenant_id = $1 and id = any ($2)",
    )
}
impl CustomersOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        customer_ids: &'a T1,
    ) -> InvoiceCustomerQuery<'c, 'a, 's, C, InvoiceCustomer, 2> {
        InvoiceCustomerQuery {
            client,
            params: [tenant_id, customer_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<InvoiceCustomerBorrowed, tokio_postgres::Error> {
                Ok(InvoiceCustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                })
            },
            mapper: |it| InvoiceCustomer::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        CustomersOfParams<T1>,
        InvoiceCustomerQuery<'c, 'a, 's, C, InvoiceCustomer, 2>,
        C,
    > for CustomersOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a CustomersOfParams<T1>,
    ) -> InvoiceCustomerQuery<'c, 'a, 's, C, InvoiceCustomer, 2> {
        self.bind(client, &params.tenant_id, &params.customer_ids)
    }
}
pub struct StaysOnStmt(&'static str);
pub fn stays_on() -> StaysOnStmt {
    StaysOnStmt(
        "select id from app.reservations where tenant_id = $1 and invoice_id = $2 order by check_in_date, id",
    )
}
impl StaysOnStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        invoice_id: &'a uuid::Uuid,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 2> {
        UuidUuidQuery {
            client,
            params: [tenant_id, invoice_id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, StaysOnParams, UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 2>, C>
    for StaysOnStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a StaysOnParams,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 2> {
        self.bind(client, &params.tenant_id, &params.invoice_id)
    }
}
pub struct StaysStmt(&'static str);
pub fn stays() -> StaysStmt {
    StaysStmt(
        "select id, customer_id, status, invoice_id from app.reservations where tenant_id = $1 and id = any ($2)",
    )
}
impl StaysStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> BilledStayQuery<'c, 'a, 's, C, BilledStay, 2> {
        BilledStayQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<BilledStayBorrowed, tokio_postgres::Error> {
                Ok(BilledStayBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    status: row.try_get(2)?,
                    invoice_id: row.try_get(3)?,
                })
            },
            mapper: |it| BilledStay::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        StaysParams<T1>,
        BilledStayQuery<'c, 'a, 's, C, BilledStay, 2>,
        C,
    > for StaysStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a StaysParams<T1>,
    ) -> BilledStayQuery<'c, 'a, 's, C, BilledStay, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct StayLinesStmt(&'static str);
pub fn stay_lines() -> StayLinesStmt {
    StayLinesStmt(
        "select l.reservation_id, l.description, l.quantity, l.unit_price_cents, l.amount_cents, l.taxable from app.reservation_lines l join app.reservations r on r.tenant_id = $1 and r.id = l.reservation_id where l.tenant_id = $1 and l.reservation_id = any ($2) order by r.check_in_date, r.id, l.position",
    )
}
impl StayLinesStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> StayLineQuery<'c, 'a, 's, C, StayLine, 2> {
        StayLineQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<StayLineBorrowed, tokio_postgres::Error> {
                Ok(StayLineBorrowed {
                    reservation_id: row.try_get(0)?,
                    description: row.try_get(1)?,
                    quantity: row.try_get(2)?,
                    unit_price_cents: row.try_get(3)?,
                    amount_cents: row.try_get(4)?,
                    taxable: row.try_get(5)?,
                })
            },
            mapper: |it| StayLine::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        StayLinesParams<T1>,
        StayLineQuery<'c, 'a, 's, C, StayLine, 2>,
        C,
    > for StayLinesStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a StayLinesParams<T1>,
    ) -> StayLineQuery<'c, 'a, 's, C, StayLine, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct BillStaysStmt(&'static str);
pub fn bill_stays() -> BillStaysStmt {
    BillStaysStmt(
        "update app.reservations set invoice_id = $1, version = version + 1, updated_at = $2 where tenant_id = $3 and id = any ($4) and invoice_id is null",
    )
}
impl BillStaysStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        invoice_id: &'a uuid::Uuid,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[invoice_id, now, tenant_id, ids]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        BillStaysParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for BillStaysStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a BillStaysParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.invoice_id, &params.now, &params.tenant_id, &params.ids))
    }
}
pub struct FreeStaysStmt(&'static str);
pub fn free_stays() -> FreeStaysStmt {
    FreeStaysStmt(
        "update app.reservations set invoice_id = null, version = version + 1, updated_at = $1 where tenant_id = $2 and id in ( select r.id from app.reservations r where r.tenant_id = $2 and r.invoice_id = $3 and r.id <> all ($4) order by r.id for update)",
    )
}
impl FreeStaysStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        invoice_id: &'a uuid::Uuid,
        staying: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[now, tenant_id, invoice_id, staying]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        FreeStaysParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for FreeStaysStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a FreeStaysParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.now, &params.tenant_id, &params.invoice_id, &params.staying))
    }
}
