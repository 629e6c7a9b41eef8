// This file was generated with `clorinde`. Do not modify.
#[derive(Clone, Copy, Debug)]
pub struct ListParams {
    pub tenant_id: uuid::Uuid,
    pub after_date: jiff::civil::Date,
    pub after_id: uuid::Uuid,
    pub first: jiff::civil::Date,
    pub last: jiff::civil::Date,
    pub service_id: Option<uuid::Uuid>,
    pub kennel_id: Option<uuid::Uuid>,
    pub check_out_date: Option<jiff::civil::Date>,
    pub from: Option<jiff::civil::Date>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListByStatusParams<T1: crate::StringSql, T2: crate::ArraySql<Item = T1>> {
    pub statuses: T2,
    pub tenant_id: uuid::Uuid,
    pub after_date: jiff::civil::Date,
    pub after_id: uuid::Uuid,
    pub first: jiff::civil::Date,
    pub last: jiff::civil::Date,
    pub service_id: Option<uuid::Uuid>,
    pub kennel_id: Option<uuid::Uuid>,
    pub check_out_date: Option<jiff::civil::Date>,
    pub from: Option<jiff::civil::Date>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListOfCustomerParams<T1: crate::StringSql, T2: crate::ArraySql<Item = T1>> {
    pub tenant_id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub after_date: jiff::civil::Date,
    pub after_id: uuid::Uuid,
    pub statuses: Option<T2>,
    pub pet_id: Option<uuid::Uuid>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListOfPetParams<T1: crate::StringSql, T2: crate::ArraySql<Item = T1>> {
    pub tenant_id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub after_date: jiff::civil::Date,
    pub after_id: uuid::Uuid,
    pub statuses: Option<T2>,
    pub fetch: i64,
}
#[derive(Clone, Copy, Debug)]
pub struct ListOfBookingParams {
    pub tenant_id: uuid::Uuid,
    pub booking_id: uuid::Uuid,
    pub after_date: jiff::civil::Date,
    pub after_id: uuid::Uuid,
    pub fetch: i64,
}
#[derive(Clone, Copy, Debug)]
pub struct FindParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct StaysParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Debug)]
pub struct LockStaysParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
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
    pub booking_id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub service_id: uuid::Uuid,
    pub kennel_id: Option<uuid::Uuid>,
    pub kennel_slot: Option<i32>,
    pub check_in_date: jiff::civil::Date,
    pub check_out_date: jiff::civil::Date,
    pub held_until: jiff::civil::Date,
    pub arrival_time: Option<jiff::civil::Time>,
    pub departure_time: Option<jiff::civil::Time>,
    pub status: T1,
    pub notes: Option<T2>,
    pub total_cents: i64,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateParams<T1: crate::StringSql> {
    pub service_id: uuid::Uuid,
    pub kennel_id: Option<uuid::Uuid>,
    pub kennel_slot: Option<i32>,
    pub check_in_date: jiff::civil::Date,
    pub check_out_date: jiff::civil::Date,
    pub held_until: jiff::civil::Date,
    pub arrival_time: Option<jiff::civil::Time>,
    pub departure_time: Option<jiff::civil::Time>,
    pub notes: Option<T1>,
    pub total_cents: i64,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct SetStatusParams<T1: crate::StringSql> {
    pub status: T1,
    pub kennel_slot: Option<i32>,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct MoveSlotsParams<T1: crate::ArraySql<Item = i32>, T2: crate::ArraySql<Item = uuid::Uuid>> {
    pub slots: T1,
    pub ids: T2,
    pub tenant_id: uuid::Uuid,
}
#[derive(Debug)]
pub struct LinesOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub reservation_ids: T1,
}
#[derive(Debug)]
pub struct InsertLineParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub reservation_id: uuid::Uuid,
    pub position: i32,
    pub kind: T1,
    pub add_on_id: Option<uuid::Uuid>,
    pub description: T2,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
    pub unit: Option<T3>,
    pub category: Option<T4>,
    pub asked: Option<i32>,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteLinesParams {
    pub tenant_id: uuid::Uuid,
    pub reservation_id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct StepsOfParams {
    pub tenant_id: uuid::Uuid,
    pub reservation_id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertStepParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub reservation_id: uuid::Uuid,
    pub verb: T1,
    pub from_status: T2,
    pub to_status: T3,
    pub reason: Option<T4>,
    pub staff_id: uuid::Uuid,
    pub now: jiff::Timestamp,
}
#[derive(Clone, Copy, Debug)]
pub struct UndoStepParams {
    pub staff_id: uuid::Uuid,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct LockPetsParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Debug)]
pub struct PetsOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Debug)]
pub struct CustomersOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Debug)]
pub struct LockKennelsParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Debug)]
pub struct LockActiveKennelsParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Clone, Copy, Debug)]
pub struct KennelsParams {
    pub tenant_id: uuid::Uuid,
    pub kennel_id: Option<uuid::Uuid>,
}
#[derive(Debug)]
pub struct ClosuresParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub kennel_ids: T1,
    pub until: jiff::civil::Date,
    pub from: jiff::civil::Date,
}
#[derive(Debug)]
pub struct HoldsParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub kennel_ids: T1,
    pub until: jiff::civil::Date,
    pub from: jiff::civil::Date,
}
#[derive(Clone, Copy, Debug)]
pub struct ServiceDaysParams {
    pub tenant_id: uuid::Uuid,
    pub service_id: uuid::Uuid,
    pub until: jiff::civil::Date,
    pub from: jiff::civil::Date,
}
#[derive(Debug)]
pub struct BoardedPetsParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub pet_ids: T1,
    pub until: jiff::civil::Date,
    pub from: jiff::civil::Date,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Reservation {
    pub id: uuid::Uuid,
    pub booking_id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub service_id: uuid::Uuid,
    pub kennel_id: Option<uuid::Uuid>,
    pub kennel_slot: Option<i32>,
    pub check_in_date: jiff::civil::Date,
    pub check_out_date: jiff::civil::Date,
    pub held_until: jiff::civil::Date,
    pub arrival_time: Option<jiff::civil::Time>,
    pub departure_time: Option<jiff::civil::Time>,
    pub status: String,
    pub notes: Option<String>,
    pub total_cents: i64,
    pub invoice_id: Option<uuid::Uuid>,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct ReservationBorrowed<'a> {
    pub id: uuid::Uuid,
    pub booking_id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub service_id: uuid::Uuid,
    pub kennel_id: Option<uuid::Uuid>,
    pub kennel_slot: Option<i32>,
    pub check_in_date: jiff::civil::Date,
    pub check_out_date: jiff::civil::Date,
    pub held_until: jiff::civil::Date,
    pub arrival_time: Option<jiff::civil::Time>,
    pub departure_time: Option<jiff::civil::Time>,
    pub status: &'a str,
    pub notes: Option<&'a str>,
    pub total_cents: i64,
    pub invoice_id: Option<uuid::Uuid>,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<ReservationBorrowed<'a>> for Reservation {
    fn from(
        ReservationBorrowed {
            id,
            booking_id,
            customer_id,
            pet_id,
            service_id,
            kennel_id,
            kennel_slot,
            check_in_date,
            check_out_date,
            held_until,
            arrival_time,
            departure_time,
            status,
            notes,
            total_cents,
            invoice_id,
            version,
            created_at,
            updated_at,
        }: ReservationBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            booking_id,
            customer_id,
            pet_id,
            service_id,
            kennel_id,
            kennel_slot,
            check_in_date,
            check_out_date,
            held_until,
            arrival_time,
            departure_time,
            status: status.into(),
            notes: notes.map(|v| v.into()),
            total_cents,
            invoice_id,
            version,
            created_at,
            updated_at,
        }
    }
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct Stay {
    pub id: uuid::Uuid,
    pub kennel_id: Option<uuid::Uuid>,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub reservation_id: uuid::Uuid,
    pub position: i32,
    pub kind: String,
    pub add_on_id: Option<uuid::Uuid>,
    pub description: String,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
    pub unit: Option<String>,
    pub category: Option<String>,
    pub asked: Option<i32>,
}
pub struct LineBorrowed<'a> {
    pub reservation_id: uuid::Uuid,
    pub position: i32,
    pub kind: &'a str,
    pub add_on_id: Option<uuid::Uuid>,
    pub description: &'a str,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
    pub unit: Option<&'a str>,
    pub category: Option<&'a str>,
    pub asked: Option<i32>,
}
impl<'a> From<LineBorrowed<'a>> for Line {
    fn from(
        LineBorrowed {
            reservation_id,
            position,
            kind,
            add_on_id,
            description,
            quantity,
            unit_price_cents,
            amount_cents,
            taxable,
            unit,
            category,
            asked,
        }: LineBorrowed<'a>,
    ) -> Self {
        Self {
            reservation_id,
            position,
            kind: kind.into(),
            add_on_id,
            description: description.into(),
            quantity,
            unit_price_cents,
            amount_cents,
            taxable,
            unit: unit.map(|v| v.into()),
            category: category.map(|v| v.into()),
            asked,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub id: uuid::Uuid,
    pub verb: String,
    pub from_status: String,
    pub to_status: String,
    pub reason: Option<String>,
    pub staff_id: uuid::Uuid,
    pub created_at: jiff::Timestamp,
    pub undone_by: Option<uuid::Uuid>,
    pub undone_at: Option<jiff::Timestamp>,
}
pub struct StepBorrowed<'a> {
    pub id: uuid::Uuid,
    pub verb: &'a str,
    pub from_status: &'a str,
    pub to_status: &'a str,
    pub reason: Option<&'a str>,
    pub staff_id: uuid::Uuid,
    pub created_at: jiff::Timestamp,
    pub undone_by: Option<uuid::Uuid>,
    pub undone_at: Option<jiff::Timestamp>,
}
impl<'a> From<StepBorrowed<'a>> for Step {
    fn from(
        StepBorrowed { id, verb, from_status, to_status, reason, staff_id, created_at, undone_by, undone_at, }: StepBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            verb: verb.into(),
            from_status: from_status.into(),
            to_status: to_status.into(),
            reason: reason.map(|v| v.into()),
            staff_id,
            created_at,
            undone_by,
            undone_at,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct BookedPet {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub name: String,
    pub species: String,
    pub breed: Option<String>,
    pub alerts: Vec<String>,
    pub is_active: bool,
}
pub struct BookedPetBorrowed<'a> {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub name: &'a str,
    pub species: &'a str,
    pub breed: Option<&'a str>,
    pub alerts: crate::ArrayIterator<'a, &'a str>,
    pub is_active: bool,
}
impl<'a> From<BookedPetBorrowed<'a>> for BookedPet {
    fn from(
        BookedPetBorrowed { id, customer_id, name, species, breed, alerts, is_active }: BookedPetBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            customer_id,
            name: name.into(),
            species: species.into(),
            breed: breed.map(|v| v.into()),
            alerts: alerts.map(|v| v.into()).collect(),
            is_active,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct BookedCustomer {
    pub id: uuid::Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub is_active: bool,
}
pub struct BookedCustomerBorrowed<'a> {
    pub id: uuid::Uuid,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub is_active: bool,
}
impl<'a> From<BookedCustomerBorrowed<'a>> for BookedCustomer {
    fn from(
        BookedCustomerBorrowed { id, first_name, last_name, email, phone, is_active }: BookedCustomerBorrowed<
            'a,
        >,
    ) -> Self {
        Self {
            id,
            first_name: first_name.into(),
            last_name: last_name.into(),
            email: email.map(|v| v.into()),
            phone: phone.map(|v| v.into()),
            is_active,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub id: uuid::Uuid,
    pub name: String,
    pub capacity: i32,
    pub is_active: bool,
}
pub struct PlaceBorrowed<'a> {
    pub id: uuid::Uuid,
    pub name: &'a str,
    pub capacity: i32,
    pub is_active: bool,
}
impl<'a> From<PlaceBorrowed<'a>> for Place {
    fn from(PlaceBorrowed { id, name, capacity, is_active }: PlaceBorrowed<'a>) -> Self {
        Self { id, name: name.into(), capacity, is_active }
    }
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct Closures {
    pub kennel_id: uuid::Uuid,
    pub starts_on: jiff::civil::Date,
    pub ends_on: jiff::civil::Date,
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct Hold {
    pub id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub kennel_slot: i32,
    pub check_in_date: jiff::civil::Date,
    pub held_until: jiff::civil::Date,
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct ServiceDays {
    pub id: uuid::Uuid,
    pub check_in_date: jiff::civil::Date,
    pub held_until: jiff::civil::Date,
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct BoardedPets {
    pub id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub check_in_date: jiff::civil::Date,
    pub held_until: jiff::civil::Date,
}
use crate::client::async_::GenericClient;
pub struct ReservationQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<ReservationBorrowed, tokio_postgres::Error>,
    mapper: fn(ReservationBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> ReservationQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(ReservationBorrowed) -> R) -> ReservationQuery<'c, 'a, 's, C, R, N> {
        ReservationQuery {
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
pub struct StayQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<Stay, tokio_postgres::Error>,
    mapper: fn(Stay) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> StayQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(Stay) -> R) -> StayQuery<'c, 'a, 's, C, R, N> {
        StayQuery {
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
pub struct LineQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<LineBorrowed, tokio_postgres::Error>,
    mapper: fn(LineBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> LineQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(LineBorrowed) -> R) -> LineQuery<'c, 'a, 's, C, R, N> {
        LineQuery {
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
pub struct StepQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<StepBorrowed, tokio_postgres::Error>,
    mapper: fn(StepBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> StepQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(StepBorrowed) -> R) -> StepQuery<'c, 'a, 's, C, R, N> {
        StepQuery {
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
pub struct BookedPetQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<BookedPetBorrowed, tokio_postgres::Error>,
    mapper: fn(BookedPetBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> BookedPetQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(BookedPetBorrowed) -> R) -> BookedPetQuery<'c, 'a, 's, C, R, N> {
        BookedPetQuery {
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
pub struct BookedCustomerQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<BookedCustomerBorrowed, tokio_postgres::Error>,
    mapper: fn(BookedCustomerBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> BookedCustomerQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(BookedCustomerBorrowed) -> R) -> BookedCustomerQuery<'c, 'a, 's, C, R, N> {
        BookedCustomerQuery {
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
pub struct PlaceQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<PlaceBorrowed, tokio_postgres::Error>,
    mapper: fn(PlaceBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> PlaceQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(PlaceBorrowed) -> R) -> PlaceQuery<'c, 'a, 's, C, R, N> {
        PlaceQuery {
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
pub struct ClosuresQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<Closures, tokio_postgres::Error>,
    mapper: fn(Closures) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> ClosuresQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(Closures) -> R) -> ClosuresQuery<'c, 'a, 's, C, R, N> {
        ClosuresQuery {
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
pub struct HoldQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<Hold, tokio_postgres::Error>,
    mapper: fn(Hold) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> HoldQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(Hold) -> R) -> HoldQuery<'c, 'a, 's, C, R, N> {
        HoldQuery {
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
pub struct ServiceDaysQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<ServiceDays, tokio_postgres::Error>,
    mapper: fn(ServiceDays) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> ServiceDaysQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(ServiceDays) -> R) -> ServiceDaysQuery<'c, 'a, 's, C, R, N> {
        ServiceDaysQuery {
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
pub struct BoardedPetsQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<BoardedPets, tokio_postgres::Error>,
    mapper: fn(BoardedPets) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> BoardedPetsQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(BoardedPets) -> R) -> BoardedPetsQuery<'c, 'a, 's, C, R, N> {
        BoardedPetsQuery {
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
        "select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at from app.reservations where tenant_id = $1 and (check_in_date, id) > ($2, $3) and check_in_date between $4 and $5 and case when $6::uuid is null then true else service_id = $6 end and case when $7::uuid is null then true else kennel_id = $7 end and case when $8::date is null then true else check_out_date = $8 end and case when $9::date is null then true else held_until > $9 end order by check_in_date, id limit $10",
    )
}
impl ListStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        after_date: &'a jiff::civil::Date,
        after_id: &'a uuid::Uuid,
        first: &'a jiff::civil::Date,
        last: &'a jiff::civil::Date,
        service_id: &'a Option<uuid::Uuid>,
        kennel_id: &'a Option<uuid::Uuid>,
        check_out_date: &'a Option<jiff::civil::Date>,
        from: &'a Option<jiff::civil::Date>,
        fetch: &'a i64,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 10> {
        ReservationQuery {
            client,
            params: [
                tenant_id,
                after_date,
                after_id,
                first,
                last,
                service_id,
                kennel_id,
                check_out_date,
                from,
                fetch,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, ListParams, ReservationQuery<'c, 'a, 's, C, Reservation, 10>, C>
    for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 10> {
        self.bind(
            client,
            &params.tenant_id,
            &params.after_date,
            &params.after_id,
            &params.first,
            &params.last,
            &params.service_id,
            &params.kennel_id,
            &params.check_out_date,
            &params.from,
            &params.fetch,
        )
    }
}
pub struct ListByStatusStmt(&'static str);
pub fn list_by_status() -> ListByStatusStmt {
    ListByStatusStmt(
        "select r.id, r.booking_id, r.customer_id, r.pet_id, r.service_id, r.kennel_id, r.kennel_slot, r.check_in_date, r.check_out_date, r.held_until, r.arrival_time, r.departure_time, r.status, r.notes, r.total_cents, r.invoice_id, r.version, r.created_at, r.updated_at from unnest($1::text[]) as wanted (status) cross join lateral ( select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at from app.reservations where tenant_id = $2 and status = wanted.status and (check_in_date, id) > ($3, $4) and check_in_date between $5 and $6 and case when $7::uuid is null then true else service_id = $7 end and case when $8::uuid is null then true else kennel_id = $8 end and case when $9::date is null then true else check_out_date = $9 end and case when $10::date is null then true else held_until > $10 end order by check_in_date, id limit $11) r order by r.check_in_date, r.id limit $11",
    )
}
impl ListByStatusStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::ArraySql<Item = T1>>(
        &'s self,
        client: &'c C,
        statuses: &'a T2,
        tenant_id: &'a uuid::Uuid,
        after_date: &'a jiff::civil::Date,
        after_id: &'a uuid::Uuid,
        first: &'a jiff::civil::Date,
        last: &'a jiff::civil::Date,
        service_id: &'a Option<uuid::Uuid>,
        kennel_id: &'a Option<uuid::Uuid>,
        check_out_date: &'a Option<jiff::civil::Date>,
        from: &'a Option<jiff::civil::Date>,
        fetch: &'a i64,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 11> {
        ReservationQuery {
            client,
            params: [
                statuses,
                tenant_id,
                after_date,
                after_id,
                first,
                last,
                service_id,
                kennel_id,
                check_out_date,
                from,
                fetch,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::ArraySql<Item = T1>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListByStatusParams<T1, T2>,
        ReservationQuery<'c, 'a, 's, C, Reservation, 11>,
        C,
    > for ListByStatusStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListByStatusParams<T1, T2>,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 11> {
        self.bind(
            client,
            &params.statuses,
            &params.tenant_id,
            &params.after_date,
            &params.after_id,
            &params.first,
            &params.last,
            &params.service_id,
            &params.kennel_id,
            &params.check_out_date,
            &params.from,
            &params.fetch,
        )
    }
}
pub struct ListOfCustomerStmt(&'static str);
pub fn list_of_customer() -> ListOfCustomerStmt {
    ListOfCustomerStmt(
        "select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at from app.reservations where tenant_id = $1 and customer_id = $2 and (check_in_date, id) > ($3, $4) and case when $5::text[] is null then true else status = any ($5) end and case when $6::uuid is null then true else pet_id = $6 end order by check_in_date, id limit $7",
    )
}
impl ListOfCustomerStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::ArraySql<Item = T1>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        customer_id: &'a uuid::Uuid,
        after_date: &'a jiff::civil::Date,
        after_id: &'a uuid::Uuid,
        statuses: &'a Option<T2>,
        pet_id: &'a Option<uuid::Uuid>,
        fetch: &'a i64,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 7> {
        ReservationQuery {
            client,
            params: [tenant_id, customer_id, after_date, after_id, statuses, pet_id, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::ArraySql<Item = T1>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListOfCustomerParams<T1, T2>,
        ReservationQuery<'c, 'a, 's, C, Reservation, 7>,
        C,
    > for ListOfCustomerStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListOfCustomerParams<T1, T2>,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 7> {
        self.bind(
            client,
            &params.tenant_id,
            &params.customer_id,
            &params.after_date,
            &params.after_id,
            &params.statuses,
            &params.pet_id,
            &params.fetch,
        )
    }
}
pub struct ListOfPetStmt(&'static str);
pub fn list_of_pet() -> ListOfPetStmt {
    ListOfPetStmt(
        "select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at from app.reservations where tenant_id = $1 and pet_id = $2 and (check_in_date, id) > ($3, $4) and case when $5::text[] is null then true else status = any ($5) end order by check_in_date, id limit $6",
    )
}
impl ListOfPetStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::ArraySql<Item = T1>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        pet_id: &'a uuid::Uuid,
        after_date: &'a jiff::civil::Date,
        after_id: &'a uuid::Uuid,
        statuses: &'a Option<T2>,
        fetch: &'a i64,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 6> {
        ReservationQuery {
            client,
            params: [tenant_id, pet_id, after_date, after_id, statuses, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::ArraySql<Item = T1>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListOfPetParams<T1, T2>,
        ReservationQuery<'c, 'a, 's, C, Reservation, 6>,
        C,
    > for ListOfPetStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListOfPetParams<T1, T2>,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 6> {
        self.bind(
            client,
            &params.tenant_id,
            &params.pet_id,
            &params.after_date,
            &params.after_id,
            &params.statuses,
            &params.fetch,
        )
    }
}
pub struct ListOfBookingStmt(&'static str);
pub fn list_of_booking() -> ListOfBookingStmt {
    ListOfBookingStmt(
        "select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at from app.reservations where tenant_id = $1 and booking_id = $2 and (check_in_date, id) > ($3, $4) order by check_in_date, id limit $5",
    )
}
impl ListOfBookingStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        booking_id: &'a uuid::Uuid,
        after_date: &'a jiff::civil::Date,
        after_id: &'a uuid::Uuid,
        fetch: &'a i64,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 5> {
        ReservationQuery {
            client,
            params: [tenant_id, booking_id, after_date, after_id, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListOfBookingParams,
        ReservationQuery<'c, 'a, 's, C, Reservation, 5>,
        C,
    > for ListOfBookingStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListOfBookingParams,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 5> {
        self.bind(
            client,
            &params.tenant_id,
            &params.booking_id,
            &params.after_date,
            &params.after_id,
            &params.fetch,
        )
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at from app.reservations where tenant_id = $1 and id = $2",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 2> {
        ReservationQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindParams, ReservationQuery<'c, 'a, 's, C, Reservation, 2>, C>
    for FindStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindParams,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct StaysStmt(&'static str);
pub fn stays() -> StaysStmt {
    StaysStmt("select id, kennel_id from app.reservations where tenant_id = $1 and id = any ($2)")
}
impl StaysStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> StayQuery<'c, 'a, 's, C, Stay, 2> {
        StayQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<Stay, tokio_postgres::Error> {
                Ok(Stay { id: row.try_get(0)?, kennel_id: row.try_get(1)? })
            },
            mapper: |it| Stay::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<'c, 'a, 's, StaysParams<T1>, StayQuery<'c, 'a, 's, C, Stay, 2>, C>
    for StaysStmt
{
    fn params(&'s self, client: &'c C, params: &'a StaysParams<T1>) -> StayQuery<'c, 'a, 's, C, Stay, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct LockStaysStmt(&'static str);
pub fn lock_stays() -> LockStaysStmt {
    LockStaysStmt(
        "select id, kennel_id from app.reservations where tenant_id = $1 and id = any ($2) order by id for update",
    )
}
impl LockStaysStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> StayQuery<'c, 'a, 's, C, Stay, 2> {
        StayQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<Stay, tokio_postgres::Error> {
                Ok(Stay { id: row.try_get(0)?, kennel_id: row.try_get(1)? })
            },
            mapper: |it| Stay::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<'c, 'a, 's, LockStaysParams<T1>, StayQuery<'c, 'a, 's, C, Stay, 2>, C>
    for LockStaysStmt
{
    fn params(&'s self, client: &'c C, params: &'a LockStaysParams<T1>) -> StayQuery<'c, 'a, 's, C, Stay, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at from app.reservations where tenant_id = $1 and id = $2 for update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 2> {
        ReservationQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, LockParams, ReservationQuery<'c, 'a, 's, C, Reservation, 2>, C>
    for LockStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a LockParams,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.reservations (tenant_id, id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17) returning id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at",
    )
}
impl InsertStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        booking_id: &'a uuid::Uuid,
        customer_id: &'a uuid::Uuid,
        pet_id: &'a uuid::Uuid,
        service_id: &'a uuid::Uuid,
        kennel_id: &'a Option<uuid::Uuid>,
        kennel_slot: &'a Option<i32>,
        check_in_date: &'a jiff::civil::Date,
        check_out_date: &'a jiff::civil::Date,
        held_until: &'a jiff::civil::Date,
        arrival_time: &'a Option<jiff::civil::Time>,
        departure_time: &'a Option<jiff::civil::Time>,
        status: &'a T1,
        notes: &'a Option<T2>,
        total_cents: &'a i64,
        now: &'a jiff::Timestamp,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 17> {
        ReservationQuery {
            client,
            params: [
                tenant_id,
                id,
                booking_id,
                customer_id,
                pet_id,
                service_id,
                kennel_id,
                kennel_slot,
                check_in_date,
                check_out_date,
                held_until,
                arrival_time,
                departure_time,
                status,
                notes,
                total_cents,
                now,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1, T2>,
        ReservationQuery<'c, 'a, 's, C, Reservation, 17>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2>,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 17> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.booking_id,
            &params.customer_id,
            &params.pet_id,
            &params.service_id,
            &params.kennel_id,
            &params.kennel_slot,
            &params.check_in_date,
            &params.check_out_date,
            &params.held_until,
            &params.arrival_time,
            &params.departure_time,
            &params.status,
            &params.notes,
            &params.total_cents,
            &params.now,
        )
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.reservations set service_id = $1, kennel_id = $2, kennel_slot = $3, check_in_date = $4, check_out_date = $5, held_until = $6, arrival_time = $7, departure_time = $8, notes = $9, total_cents = $10, version = version + 1, updated_at = $11 where tenant_id = $12 and id = $13 returning id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at",
    )
}
impl UpdateStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        service_id: &'a uuid::Uuid,
        kennel_id: &'a Option<uuid::Uuid>,
        kennel_slot: &'a Option<i32>,
        check_in_date: &'a jiff::civil::Date,
        check_out_date: &'a jiff::civil::Date,
        held_until: &'a jiff::civil::Date,
        arrival_time: &'a Option<jiff::civil::Time>,
        departure_time: &'a Option<jiff::civil::Time>,
        notes: &'a Option<T1>,
        total_cents: &'a i64,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 13> {
        ReservationQuery {
            client,
            params: [
                service_id,
                kennel_id,
                kennel_slot,
                check_in_date,
                check_out_date,
                held_until,
                arrival_time,
                departure_time,
                notes,
                total_cents,
                now,
                tenant_id,
                id,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        UpdateParams<T1>,
        ReservationQuery<'c, 'a, 's, C, Reservation, 13>,
        C,
    > for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1>,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 13> {
        self.bind(
            client,
            &params.service_id,
            &params.kennel_id,
            &params.kennel_slot,
            &params.check_in_date,
            &params.check_out_date,
            &params.held_until,
            &params.arrival_time,
            &params.departure_time,
            &params.notes,
            &params.total_cents,
            &params.now,
            &params.tenant_id,
            &params.id,
        )
    }
}
pub struct SetStatusStmt(&'static str);
pub fn set_status() -> SetStatusStmt {
    SetStatusStmt(
        "update app.reservations set status = $1, kennel_slot = $2, version = version + 1, updated_at = $3 where tenant_id = $4 and id = $5 returning id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until, arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at",
    )
}
impl SetStatusStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        status: &'a T1,
        kennel_slot: &'a Option<i32>,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 5> {
        ReservationQuery {
            client,
            params: [status, kennel_slot, now, tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ReservationBorrowed, tokio_postgres::Error> {
                Ok(ReservationBorrowed {
                    id: row.try_get(0)?,
                    booking_id: row.try_get(1)?,
                    customer_id: row.try_get(2)?,
                    pet_id: row.try_get(3)?,
                    service_id: row.try_get(4)?,
                    kennel_id: row.try_get(5)?,
                    kennel_slot: row.try_get(6)?,
                    check_in_date: row.try_get(7)?,
                    check_out_date: row.try_get(8)?,
                    held_until: row.try_get(9)?,
                    arrival_time: row.try_get(10)?,
                    departure_time: row.try_get(11)?,
                    status: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    total_cents: row.try_get(14)?,
                    invoice_id: row.try_get(15)?,
                    version: row.try_get(16)?,
                    created_at: row.try_get(17)?,
                    updated_at: row.try_get(18)?,
                })
            },
            mapper: |it| Reservation::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        SetStatusParams<T1>,
        ReservationQuery<'c, 'a, 's, C, Reservation, 5>,
        C,
    > for SetStatusStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a SetStatusParams<T1>,
    ) -> ReservationQuery<'c, 'a, 's, C, Reservation, 5> {
        self.bind(client, &params.status, &params.kennel_slot, &params.now, &params.tenant_id, &params.id)
    }
}
pub struct MoveSlotsStmt(&'static str);
pub fn move_slots() -> MoveSlotsStmt {
    MoveSlotsStmt(
        "update app.reservations set kennel_slot = ($1::integer[])[array_position($2::uuid[], id)] where tenant_id = $3 and id = any ($2)",
    )
}
impl MoveSlotsStmt {
    pub async fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::ArraySql<Item = i32>,
        T2: crate::ArraySql<Item = uuid::Uuid>,
    >(
        &'s self,
        client: &'c C,
        slots: &'a T1,
        ids: &'a T2,
        tenant_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[slots, ids, tenant_id]).await
    }
}
impl<
    'a,
    C: GenericClient + Send + Sync,
    T1: crate::ArraySql<Item = i32>,
    T2: crate::ArraySql<Item = uuid::Uuid>,
>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        MoveSlotsParams<T1, T2>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for MoveSlotsStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a MoveSlotsParams<T1, T2>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.slots, &params.ids, &params.tenant_id))
    }
}
pub struct LinesOfStmt(&'static str);
pub fn lines_of() -> LinesOfStmt {
    LinesOfStmt(
        "select reservation_id, position, kind, add_on_id, description, quantity, unit_price_cents, amount_cents, taxable, unit, category, asked from app.reservation_lines where tenant_id = $1 and reservation_id = any ($2) order by reservation_id, position",
    )
}
impl LinesOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        reservation_ids: &'a T1,
    ) -> LineQuery<'c, 'a, 's, C, Line, 2> {
        LineQuery {
            client,
            params: [tenant_id, reservation_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<LineBorrowed, tokio_postgres::Error> {
                Ok(LineBorrowed {
                    reservation_id: row.try_get(0)?,
                    position: row.try_get(1)?,
                    kind: row.try_get(2)?,
                    add_on_id: row.try_get(3)?,
                    description: row.try_get(4)?,
                    quantity: row.try_get(5)?,
                    unit_price_cents: row.try_get(6)?,
                    amount_cents: row.try_get(7)?,
                    taxable: row.try_get(8)?,
                    unit: row.try_get(9)?,
                    category: row.try_get(10)?,
                    asked: row.try_get(11)?,
                })
            },
            mapper: |it| Line::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<'c, 'a, 's, LinesOfParams<T1>, LineQuery<'c, 'a, 's, C, Line, 2>, C>
    for LinesOfStmt
{
    fn params(&'s self, client: &'c C, params: &'a LinesOfParams<T1>) -> LineQuery<'c, 'a, 's, C, Line, 2> {
        self.bind(client, &params.tenant_id, &params.reservation_ids)
    }
}
pub struct InsertLineStmt(&'static str);
pub fn insert_line() -> InsertLineStmt {
    InsertLineStmt(
        "insert into app.reservation_lines (tenant_id, id, reservation_id, position, kind, add_on_id, description, quantity, unit_price_cents, amount_cents, taxable, unit, category, asked) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
}
impl InsertLineStmt {
    pub async fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::StringSql,
        T4: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        reservation_id: &'a uuid::Uuid,
        position: &'a i32,
        kind: &'a T1,
        add_on_id: &'a Option<uuid::Uuid>,
        description: &'a T2,
        quantity: &'a i32,
        unit_price_cents: &'a i64,
        amount_cents: &'a i64,
        taxable: &'a bool,
        unit: &'a Option<T3>,
        category: &'a Option<T4>,
        asked: &'a Option<i32>,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(
            client,
            self.0,
            &[
                tenant_id,
                id,
                reservation_id,
                position,
                kind,
                add_on_id,
                description,
                quantity,
                unit_price_cents,
                amount_cents,
                taxable,
                unit,
                category,
                asked,
            ],
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
>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        InsertLineParams<T1, T2, T3, T4>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for InsertLineStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a InsertLineParams<T1, T2, T3, T4>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.reservation_id,
            &params.position,
            &params.kind,
            &params.add_on_id,
            &params.description,
            &params.quantity,
            &params.unit_price_cents,
            &params.amount_cents,
            &params.taxable,
            &params.unit,
            &params.category,
            &params.asked,
        ))
    }
}
pub struct DeleteLinesStmt(&'static str);
pub fn delete_lines() -> DeleteLinesStmt {
    DeleteLinesStmt("delete from app.reservation_lines where tenant_id = $1 and reservation_id = $2")
}
impl DeleteLinesStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        reservation_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, reservation_id]).await
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
        Box::pin(self.bind(client, &params.tenant_id, &params.reservation_id))
    }
}
pub struct StepsOfStmt(&'static str);
pub fn steps_of() -> StepsOfStmt {
    StepsOfStmt(
        "select id, verb, from_status, to_status, reason, staff_id, created_at, undone_by, undone_at from app.reservation_steps where tenant_id = $1 and reservation_id = $2 order by position",
    )
}
impl StepsOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        reservation_id: &'a uuid::Uuid,
    ) -> StepQuery<'c, 'a, 's, C, Step, 2> {
        StepQuery {
            client,
            params: [tenant_id, reservation_id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<StepBorrowed, tokio_postgres::Error> {
                Ok(StepBorrowed {
                    id: row.try_get(0)?,
                    verb: row.try_get(1)?,
                    from_status: row.try_get(2)?,
                    to_status: row.try_get(3)?,
                    reason: row.try_get(4)?,
                    staff_id: row.try_get(5)?,
                    created_at: row.try_get(6)?,
                    undone_by: row.try_get(7)?,
                    undone_at: row.try_get(8)?,
                })
            },
            mapper: |it| Step::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, StepsOfParams, StepQuery<'c, 'a, 's, C, Step, 2>, C>
    for StepsOfStmt
{
    fn params(&'s self, client: &'c C, params: &'a StepsOfParams) -> StepQuery<'c, 'a, 's, C, Step, 2> {
        self.bind(client, &params.tenant_id, &params.reservation_id)
    }
}
pub struct InsertStepStmt(&'static str);
pub fn insert_step() -> InsertStepStmt {
    InsertStepStmt(
        "insert into app.reservation_steps (tenant_id, id, reservation_id, position, verb, from_status, to_status, reason, staff_id, created_at) values ($1, $2, $3, (select coalesce(max(position), 0) + 1 from app.reservation_steps where tenant_id = $1 and reservation_id = $3), $4, $5, $6, $7, $8, $9)",
    )
}
impl InsertStepStmt {
    pub async fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::StringSql,
        T4: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        reservation_id: &'a uuid::Uuid,
        verb: &'a T1,
        from_status: &'a T2,
        to_status: &'a T3,
        reason: &'a Option<T4>,
        staff_id: &'a uuid::Uuid,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(
            client,
            self.0,
            &[tenant_id, id, reservation_id, verb, from_status, to_status, reason, staff_id, now],
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
>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        InsertStepParams<T1, T2, T3, T4>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for InsertStepStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a InsertStepParams<T1, T2, T3, T4>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.reservation_id,
            &params.verb,
            &params.from_status,
            &params.to_status,
            &params.reason,
            &params.staff_id,
            &params.now,
        ))
    }
}
pub struct UndoStepStmt(&'static str);
pub fn undo_step() -> UndoStepStmt {
    UndoStepStmt(
        "update app.reservation_steps set undone_by = $1, undone_at = $2 where tenant_id = $3 and id = $4",
    )
}
impl UndoStepStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        staff_id: &'a uuid::Uuid,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[staff_id, now, tenant_id, id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        UndoStepParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for UndoStepStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a UndoStepParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.staff_id, &params.now, &params.tenant_id, &params.id))
    }
}
pub struct LockPetsStmt(&'static str);
pub fn lock_pets() -> LockPetsStmt {
    LockPetsStmt(
        "select id, customer_id, name, species, breed, alerts, is_active from app.pets where tenant_id = $1 and id = any ($2) order by id for no key update",
    )
}
impl LockPetsStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> BookedPetQuery<'c, 'a, 's, C, BookedPet, 2> {
        BookedPetQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<BookedPetBorrowed, tokio_postgres::Error> {
                Ok(BookedPetBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    name: row.try_get(2)?,
                    species: row.try_get(3)?,
                    breed: row.try_get(4)?,
                    alerts: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                })
            },
            mapper: |it| BookedPet::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        LockPetsParams<T1>,
        BookedPetQuery<'c, 'a, 's, C, BookedPet, 2>,
        C,
    > for LockPetsStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a LockPetsParams<T1>,
    ) -> BookedPetQuery<'c, 'a, 's, C, BookedPet, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct PetsOfStmt(&'static str);
pub fn pets_of() -> PetsOfStmt {
    PetsOfStmt(
        "select id, customer_id, name, species, breed, alerts, is_active from app.pets where tenant_id = $1 and id = any ($2)",
    )
}
impl PetsOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> BookedPetQuery<'c, 'a, 's, C, BookedPet, 2> {
        BookedPetQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<BookedPetBorrowed, tokio_postgres::Error> {
                Ok(BookedPetBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    name: row.try_get(2)?,
                    species: row.try_get(3)?,
                    breed: row.try_get(4)?,
                    alerts: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                })
            },
            mapper: |it| BookedPet::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        PetsOfParams<T1>,
        BookedPetQuery<'c, 'a, 's, C, BookedPet, 2>,
        C,
    > for PetsOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a PetsOfParams<T1>,
    ) -> BookedPetQuery<'c, 'a, 's, C, BookedPet, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct CustomersOfStmt(&'static str);
pub fn customers_of() -> CustomersOfStmt {
    CustomersOfStmt(
        "select id, first_name, last_name, email, phone, is_active from app.customers where tenant_id = $1 and id = any ($2)",
    )
}
impl CustomersOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> BookedCustomerQuery<'c, 'a, 's, C, BookedCustomer, 2> {
        BookedCustomerQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<BookedCustomerBorrowed, tokio_postgres::Error> {
                Ok(BookedCustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                    is_active: row.try_get(5)?,
                })
            },
            mapper: |it| BookedCustomer::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        CustomersOfParams<T1>,
        BookedCustomerQuery<'c, 'a, 's, C, BookedCustomer, 2>,
        C,
    > for CustomersOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a CustomersOfParams<T1>,
    ) -> BookedCustomerQuery<'c, 'a, 's, C, BookedCustomer, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct LockKennelsStmt(&'static str);
pub fn lock_kennels() -> LockKennelsStmt {
    LockKennelsStmt(
        "select id, name, capacity, is_active from app.kennels where tenant_id = $1 and id = any ($2) order by id for update",
    )
}
impl LockKennelsStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> PlaceQuery<'c, 'a, 's, C, Place, 2> {
        PlaceQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PlaceBorrowed, tokio_postgres::Error> {
                Ok(PlaceBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    capacity: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                })
            },
            mapper: |it| Place::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<'c, 'a, 's, LockKennelsParams<T1>, PlaceQuery<'c, 'a, 's, C, Place, 2>, C>
    for LockKennelsStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a LockKennelsParams<T1>,
    ) -> PlaceQuery<'c, 'a, 's, C, Place, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct LockActiveKennelsStmt(&'static str);
pub fn lock_active_kennels() -> LockActiveKennelsStmt {
    LockActiveKennelsStmt(
        "select id, name, capacity, is_active from app.kennels where tenant_id = $1 and (is_active or id = any ($2)) order by id for update",
    )
}
impl LockActiveKennelsStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> PlaceQuery<'c, 'a, 's, C, Place, 2> {
        PlaceQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PlaceBorrowed, tokio_postgres::Error> {
                Ok(PlaceBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    capacity: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                })
            },
            mapper: |it| Place::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        LockActiveKennelsParams<T1>,
        PlaceQuery<'c, 'a, 's, C, Place, 2>,
        C,
    > for LockActiveKennelsStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a LockActiveKennelsParams<T1>,
    ) -> PlaceQuery<'c, 'a, 's, C, Place, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct KennelsStmt(&'static str);
pub fn kennels() -> KennelsStmt {
    KennelsStmt(
        "select id, name, capacity, is_active from app.kennels where tenant_id = $1 and is_active and ($2::uuid is null or id = $2) order by name_key, id",
    )
}
impl KennelsStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_id: &'a Option<uuid::Uuid>,
    ) -> PlaceQuery<'c, 'a, 's, C, Place, 2> {
        PlaceQuery {
            client,
            params: [tenant_id, kennel_id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PlaceBorrowed, tokio_postgres::Error> {
                Ok(PlaceBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    capacity: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                })
            },
            mapper: |it| Place::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, KennelsParams, PlaceQuery<'c, 'a, 's, C, Place, 2>, C>
    for KennelsStmt
{
    fn params(&'s self, client: &'c C, params: &'a KennelsParams) -> PlaceQuery<'c, 'a, 's, C, Place, 2> {
        self.bind(client, &params.tenant_id, &params.kennel_id)
    }
}
pub struct ClosuresStmt(&'static str);
pub fn closures() -> ClosuresStmt {
    ClosuresStmt(
        "select kennel_id, starts_on, ends_on from app.kennel_closures where tenant_id = $1 and kennel_id = any ($2) and starts_on < $3 and ends_on > $4 order by kennel_id, starts_on",
    )
}
impl ClosuresStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_ids: &'a T1,
        until: &'a jiff::civil::Date,
        from: &'a jiff::civil::Date,
    ) -> ClosuresQuery<'c, 'a, 's, C, Closures, 4> {
        ClosuresQuery {
            client,
            params: [tenant_id, kennel_ids, until, from],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<Closures, tokio_postgres::Error> {
                Ok(Closures {
                    kennel_id: row.try_get(0)?,
                    starts_on: row.try_get(1)?,
                    ends_on: row.try_get(2)?,
                })
            },
            mapper: |it| Closures::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ClosuresParams<T1>,
        ClosuresQuery<'c, 'a, 's, C, Closures, 4>,
        C,
    > for ClosuresStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ClosuresParams<T1>,
    ) -> ClosuresQuery<'c, 'a, 's, C, Closures, 4> {
        self.bind(client, &params.tenant_id, &params.kennel_ids, &params.until, &params.from)
    }
}
pub struct HoldsStmt(&'static str);
pub fn holds() -> HoldsStmt {
    HoldsStmt(
        "select id, kennel_id, kennel_slot, check_in_date, held_until from app.reservations where tenant_id = $1 and kennel_id = any ($2) and kennel_slot is not null and check_in_date < $3 and held_until > $4 order by check_in_date, id",
    )
}
impl HoldsStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_ids: &'a T1,
        until: &'a jiff::civil::Date,
        from: &'a jiff::civil::Date,
    ) -> HoldQuery<'c, 'a, 's, C, Hold, 4> {
        HoldQuery {
            client,
            params: [tenant_id, kennel_ids, until, from],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<Hold, tokio_postgres::Error> {
                Ok(Hold {
                    id: row.try_get(0)?,
                    kennel_id: row.try_get(1)?,
                    kennel_slot: row.try_get(2)?,
                    check_in_date: row.try_get(3)?,
                    held_until: row.try_get(4)?,
                })
            },
            mapper: |it| Hold::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<'c, 'a, 's, HoldsParams<T1>, HoldQuery<'c, 'a, 's, C, Hold, 4>, C>
    for HoldsStmt
{
    fn params(&'s self, client: &'c C, params: &'a HoldsParams<T1>) -> HoldQuery<'c, 'a, 's, C, Hold, 4> {
        self.bind(client, &params.tenant_id, &params.kennel_ids, &params.until, &params.from)
    }
}
pub struct ServiceDaysStmt(&'static str);
pub fn service_days() -> ServiceDaysStmt {
    ServiceDaysStmt(
        "select id, check_in_date, held_until from app.reservations where tenant_id = $1 and service_id = $2 and status in ('PENDING', 'CONFIRMED', 'CHECKED_IN') and check_in_date < $3 and held_until > $4",
    )
}
impl ServiceDaysStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        service_id: &'a uuid::Uuid,
        until: &'a jiff::civil::Date,
        from: &'a jiff::civil::Date,
    ) -> ServiceDaysQuery<'c, 'a, 's, C, ServiceDays, 4> {
        ServiceDaysQuery {
            client,
            params: [tenant_id, service_id, until, from],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ServiceDays, tokio_postgres::Error> {
                Ok(ServiceDays {
                    id: row.try_get(0)?,
                    check_in_date: row.try_get(1)?,
                    held_until: row.try_get(2)?,
                })
            },
            mapper: |it| ServiceDays::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ServiceDaysParams,
        ServiceDaysQuery<'c, 'a, 's, C, ServiceDays, 4>,
        C,
    > for ServiceDaysStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ServiceDaysParams,
    ) -> ServiceDaysQuery<'c, 'a, 's, C, ServiceDays, 4> {
        self.bind(client, &params.tenant_id, &params.service_id, &params.until, &params.from)
    }
}
pub struct BoardedPetsStmt(&'static str);
pub fn boarded_pets() -> BoardedPetsStmt {
    BoardedPetsStmt(
        "select r.id, r.pet_id, r.check_in_date, r.held_until from app.reservations r join app.services s on s.tenant_id = $1 and s.id = r.service_id where r.tenant_id = $1 and r.pet_id = any ($2) and r.status in ('PENDING', 'CONFIRMED', 'CHECKED_IN') and s.category = 'BOARDING' and r.check_in_date < $3 and r.held_until > $4 order by r.check_in_date, r.id",
    )
}
impl BoardedPetsStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        pet_ids: &'a T1,
        until: &'a jiff::civil::Date,
        from: &'a jiff::civil::Date,
    ) -> BoardedPetsQuery<'c, 'a, 's, C, BoardedPets, 4> {
        BoardedPetsQuery {
            client,
            params: [tenant_id, pet_ids, until, from],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<BoardedPets, tokio_postgres::Error> {
                Ok(BoardedPets {
                    id: row.try_get(0)?,
                    pet_id: row.try_get(1)?,
                    check_in_date: row.try_get(2)?,
                    held_until: row.try_get(3)?,
                })
            },
            mapper: |it| BoardedPets::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        BoardedPetsParams<T1>,
        BoardedPetsQuery<'c, 'a, 's, C, BoardedPets, 4>,
        C,
    > for BoardedPetsStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a BoardedPetsParams<T1>,
    ) -> BoardedPetsQuery<'c, 'a, 's, C, BoardedPets, 4> {
        self.bind(client, &params.tenant_id, &params.pet_ids, &params.until, &params.from)
    }
}
pub struct DeferPlacesStmt(&'static str);
pub fn defer_places() -> DeferPlacesStmt {
    DeferPlacesStmt("set constraints app.reservations_kennel_excl deferred")
}
impl DeferPlacesStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[]).await
    }
}
