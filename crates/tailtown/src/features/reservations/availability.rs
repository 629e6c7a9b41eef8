//! What is free, day by day.

use std::collections::HashMap;
use std::ops::Range;

use base::clock::plausible;
use base::id::Id;
use base::problem::{Problem, Result};
use garde::Validate;
use gateway::doors::Read;
use gateway::extract::{Query, Reply, check};
use jiff::civil::Date;
use jiff::{ToSpan, Unit};
use queries::client::Params;
use queries::queries::reservations as sql;
use queries::queries::services as service_sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::features::kennels::Kennel;
use crate::features::services::{self, Service};

pub(super) const SHOW: &str = "Say what is free\nThe free places of each kennel on each day from `from` up to, not including, `to`, \
at most 92 days; with `serviceId` also how many guests that service still takes.";

const LONGEST: i32 = 92;

/// For which days.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AvailabilityFilter {
    #[garde(custom(plausible))]
    from: Date,
    #[garde(custom(plausible))]
    to: Date,
    #[garde(skip)]
    service_id: Option<Id<Service>>,
    #[garde(skip)]
    kennel_id: Option<Id<Kennel>>,
}

/// What is free from `from` up to `to`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Availability {
    from: Date,
    to: Date,
    days: Vec<Day>,
    kennels: Vec<KennelDays>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Day {
    date: Date,
    /// Free places over all kennels.
    free: i32,
    /// Guests the service still takes; null where it has no daily capacity or none was asked for.
    service_free: Option<i32>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct KennelDays {
    id: Id<Kennel>,
    name: String,
    capacity: i32,
    /// Free places on each day, in the order of `days`; none while it is out of service.
    free: Vec<i32>,
}

pub(super) async fn show_availability(
    read: Read,
    Query(asked): Query<AvailabilityFilter>,
) -> Result<Reply<Availability>> {
    check(&asked)?;
    let AvailabilityFilter { from, to, service_id, kennel_id } = asked;
    let length = from.until((Unit::Day, to))?.get_days();
    if !(1..=LONGEST).contains(&length) {
        return Err(Problem::invalid("to", format!("must come 1 to {LONGEST} days after `from`")));
    }
    let tenant_id = read.tenant.id;
    let kennels = sql::kennels()
        .params(&read, &sql::KennelsParams { tenant_id, kennel_id: kennel_id.map(Id::uuid) })
        .all()
        .await?;
    let ids: Vec<Uuid> = kennels.iter().map(|kennel| kennel.id).collect();
    let days = from..to;
    let (holds, closures) = (sql::holds(), sql::closures());
    let (holds, closures, service) = tokio::try_join!(
        async { Ok(holds.bind(&read, &tenant_id, &ids, &to, &from).all().await?) },
        async { Ok(closures.bind(&read, &tenant_id, &ids, &to, &from).all().await?) },
        service_days(&read, service_id, &days),
    )?;
    let dates: Vec<Date> = from.series(1.day()).take_while(|date| *date < to).collect();
    let mut places: HashMap<Uuid, Vec<i32>> =
        kennels.iter().map(|kennel| (kennel.id, vec![kennel.capacity; dates.len()])).collect();
    let mut each = |kennel: Uuid, on: Range<Date>, change: fn(i32) -> i32| {
        let Some(free) = places.get_mut(&kennel) else { return };
        let (start, end) = (on.start.max(from), on.end.min(to));
        let days = dates.iter().zip(free).skip_while(|(date, _)| **date < start);
        days.take_while(|(date, _)| **date < end).for_each(|(_, free)| *free = change(*free));
    };
    for row in &holds {
        each(row.kennel_id, row.check_in_date..row.held_until, |free| free - 1);
    }
    for row in &closures {
        each(row.kennel_id, row.starts_on..row.ends_on, |_| 0);
    }
    let kennels: Vec<KennelDays> = kennels
        .into_iter()
        .map(|kennel| KennelDays {
            id: kennel.id.into(),
            free: places.remove(&kennel.id).unwrap_or_default(),
            name: kennel.name,
            capacity: kennel.capacity,
        })
        .collect();
    let days_free = dates.iter().enumerate().map(|(index, date)| Day {
        date: *date,
        free: kennels.iter().map(|kennel| kennel.free[index]).sum(),
        service_free: service.as_ref().map(|(capacity, stays)| {
            let taken = stays.iter().filter(|stay| stay.contains(date)).count();
            (capacity - i32::try_from(taken).unwrap_or(*capacity)).max(0)
        }),
    });
    Ok(Reply(Availability { from, to, days: days_free.collect(), kennels }))
}

/// The daily capacity of the service, if it has one, and the stays that use it.
async fn service_days(
    read: &Read,
    id: Option<Id<Service>>,
    days: &Range<Date>,
) -> Result<Option<(i32, Vec<Range<Date>>)>> {
    let Some(id) = id else { return Ok(None) };
    let tenant_id = read.tenant.id;
    let service = service_sql::find()
        .params(read, &service_sql::FindParams { tenant_id, id: id.uuid() })
        .map(services::service)
        .opt()
        .await?;
    let service = service.ok_or_else(|| Problem::invalid("serviceId", "there is no such service"))??;
    let Some(capacity) = service.details.daily_capacity else { return Ok(None) };
    let stays = sql::service_days()
        .params(
            read,
            &sql::ServiceDaysParams { tenant_id, service_id: id.uuid(), until: days.end, from: days.start },
        )
        .all()
        .await?;
    Ok(Some((capacity, stays.iter().map(|stay| stay.check_in_date..stay.held_until).collect())))
}
