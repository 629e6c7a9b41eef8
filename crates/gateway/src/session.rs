//! Finds out who is asking: tokens are looked up by hash with every request, so that ending a session takes effect at once.

use std::sync::Arc;

use axum::extract::Request;
use base::problem::{Problem, Result};
use base::tenant::Tenant;
use http::Method;
use http::uri::PathAndQuery;
use jiff::tz::TimeZone;
use queries::client::Params;
use store::transaction::Stats;
use store::versions::View;

use crate::cache::Sought;
use crate::fairness::{Flow, Work};
use crate::identity::{Caller, Identity, Shown, SignedInOperator, Token};
use crate::rate_limit::{Early, is_counted};
use crate::state::Platform;
use crate::tenant::{Address, Named};

/// Finds the resort and the session in one statement, and refuses what does not fit together.
///
/// # Errors
/// 401, 403, 404 and 503.
pub(crate) async fn identify(platform: &Platform, request: &mut Request) -> Result<Option<Early>> {
    let shown = Token::shown(&platform.settings, request.method(), request.headers(), request.extensions())?;
    let Some(address) = request.extensions().get::<Arc<Address>>().cloned() else {
        identify_operator(platform, request, shown).await?;
        return Ok(None);
    };
    let stats = request.extensions().get::<Arc<Stats>>().cloned().unwrap_or_default();
    let work = request.extensions().get::<Work>().copied().unwrap_or_default();
    let target = (request.method() == Method::GET).then(|| request.uri().path_and_query()).flatten();
    let target = target.map(PathAndQuery::as_str);
    let counts = is_counted(request);
    let (identity, early) = find(platform, &address, shown, target, counts, stats.clone(), work).await?;
    stats.is_for(&identity.tenant);
    let span = tracing::Span::current();
    span.record("tenant.id", tracing::field::display(identity.tenant.id));
    if let Some(caller) = &identity.caller {
        span.record("staff.id", tracing::field::display(caller.staff_id));
    }
    request.extensions_mut().insert(identity);
    Ok(early)
}

/// Finds an operator's session, so that a request is known to have one before its body is read. What the operator may see
/// is decided by the transaction that looks again.
async fn identify_operator(platform: &Platform, request: &mut Request, shown: Shown) -> Result<()> {
    let (Some(token), _) = shown.read() else { return Ok(()) };
    let stats = request.extensions().get::<Arc<Stats>>().cloned().unwrap_or_default();
    let work = request.extensions().get::<Work>().copied().unwrap_or_default().look_up();
    let unscoped = platform.unscoped_for(Flow::PLATFORM, work, stats).await?;
    let found = queries::queries::sessions::identify_operator()
        .params(
            &unscoped,
            &queries::queries::sessions::IdentifyOperatorParams {
                token_hash: token.hash().as_slice(),
                now: platform.clock.now(),
            },
        )
        .opt()
        .await?;
    if found.is_some() {
        request.extensions_mut().insert(SignedInOperator);
    }
    Ok(())
}

async fn find(
    platform: &Platform,
    address: &Address,
    shown: Shown,
    target: Option<&str>,
    counts: bool,
    stats: Arc<Stats>,
    work: Work,
) -> Result<(Identity, Option<Early>)> {
    let (token, instead) = shown.read();
    let hash = token.as_ref().map(Token::hash);
    let name = address.first.to_string();
    // Only of a resort that was found before: nothing is observed, or kept, of one that a stranger made up.
    let hint = platform.cache.tenant_hint(&name);
    let now = platform.clock.now();
    let home = token.as_ref().map(|token| token.tenant);
    let sought = Sought { name: &name, session: home.zip(hash.as_ref()), target };
    // Whoever was signed in a moment ago is counted in the same round trip.
    let likely = platform.cache.likely(&sought, now).filter(|_| counts);
    let likely = likely.map(|tenant| (tenant.id, tenant.limit()));
    let also = likely.and_then(|(tenant, limit)| platform.limits.question(tenant, limit));
    let (view, counted) = platform.cache.view(hint, &sought, now, also).await;
    let early = likely.zip(counted);
    let early = early.map(|((tenant, limit), answered)| platform.limits.early(tenant, limit, answered));
    let cached = view.as_ref();
    let tenant = cached.and_then(|view| platform.cache.tenant(view, &name, now));
    let session = match (cached, home, &hash) {
        (Some(view), Some(home), Some(hash)) => platform.cache.session(view, home, hash, now),
        _ => None,
    };
    let (tenant, caller, view) = match (tenant, session, &token) {
        (Some(None), ..) => return Err(Problem::not_found("resort")),
        (Some(Some(tenant)), None, None) => (tenant, None, view),
        (Some(Some(tenant)), Some(session), Some(_)) => (tenant, session, view),
        _ => {
            let place = (platform.line.flow_of(&name), work.look_up());
            look_up(platform, address, &name, token.as_ref(), place, stats, view).await?
        }
    };
    tenant.must_be_open()?;
    if !address.agrees_with(&tenant) {
        let instead = match caller {
            Some(_) => "you are signed in at another resort: sign in at this one",
            None => "the host and X-Tenant-Id name different resorts: leave the header out",
        };
        return Err(Problem::forbidden(instead));
    }
    if caller.is_some_and(|caller| caller.tenant_id != tenant.id) {
        return Err(Problem::forbidden("you are signed in at another resort: sign in at this one"));
    }
    // What was seen of another resort says nothing of this one.
    let view = view.filter(|view| view.tenant.as_ref().is_some_and(|(seen, _)| *seen == tenant.id));
    Ok((Identity { tenant, caller, instead, view }, early))
}

type Found = (Arc<Tenant>, Option<Caller>, Option<View>);

/// Finds the resort and the session in the database, and keeps them.
async fn look_up(
    platform: &Platform,
    address: &Address,
    name: &str,
    token: Option<&Token>,
    (flow, work): (Flow, Work),
    stats: Arc<Stats>,
    view: Option<View>,
) -> Result<Found> {
    let hash = token.map(Token::hash);
    let (subdomain, id) = match &address.first {
        Named::Subdomain(subdomain) => (Some(subdomain), None),
        Named::Id(id) => (None, Some(*id)),
    };
    let now = platform.clock.now();
    let unscoped = platform.unscoped_for(flow, work, stats).await?;
    let found = queries::queries::sessions::identify()
        .params(
            &unscoped,
            &queries::queries::sessions::IdentifyParams {
                subdomain: subdomain.as_ref(),
                id,
                session_tenant_id: token.map(|token| token.tenant),
                token_hash: hash.as_ref().map(<[u8; 32]>::as_slice),
                now,
            },
        )
        .opt()
        .await?;
    drop(unscoped);
    let cache = &platform.cache;
    let Some(found) = found else {
        if let Some(view) = &view {
            cache.keep_tenant(view, name, None, now);
        }
        return Err(Problem::not_found("resort"));
    };
    let tenant = Arc::new(Tenant {
        id: found.id,
        subdomain: found.subdomain,
        name: found.name,
        tier: found.tier.parse()?,
        status: found.status.parse()?,
        timezone: TimeZone::get(&found.timezone)?,
        currency: found.currency,
        tax_rate_bps: found.tax_rate_bps,
        rate_limit: found.rate_limit.and_then(|limit| limit.try_into().ok()),
    });
    platform.line.know(name, &tenant);
    let session = match (hash, found.session_tenant_id, found.staff_id, found.role, found.session_expires_at)
    {
        (Some(token_hash), Some(tenant_id), Some(staff_id), Some(role), Some(expires)) => {
            Some((Caller { tenant_id, staff_id, role: role.parse()?, token_hash }, expires))
        }
        _ => None,
    };
    if let Some(view) = &view {
        cache.keep_tenant(view, name, Some(&tenant), now);
        let seen = view.tenant.as_ref().map(|(seen, _)| *seen);
        if let (Some(hash), Some(token)) = (&hash, token)
            && seen == Some(token.tenant)
        {
            cache.keep_session(view, hash, session, now);
        }
    }
    Ok((tenant, session.map(|(caller, _)| caller), view))
}
