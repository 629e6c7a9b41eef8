//! A door that its handler opens itself, once slow work such as hashing a password is done: whoever may not pass is refused at
//! once, and no connection is held meanwhile.

use std::marker::PhantomData;
use std::sync::Arc;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use base::problem::{Problem, Result};
use base::tenant::Tenant;
use http::request::Parts;

use super::platform::{Lobby, Operator};
use super::resort::{self, Permission, Read, Write};
use crate::identity::Identity;
use crate::state::Platform;

/// A door to rows that can be opened later, and more than once.
pub trait Door: FromRequestParts<Platform> + Send {
    /// Refuses who may not pass; afterwards nothing is held.
    ///
    /// # Errors
    /// 401 and 403.
    fn admit(parts: &Parts, platform: &Platform) -> impl Future<Output = Result<()>> + Send;
}

impl<P: Permission> Door for Read<P> {
    async fn admit(parts: &Parts, _: &Platform) -> Result<()> {
        resort::permitted::<P>(parts).map(|_| ())
    }
}

impl<P: Permission> Door for Write<P> {
    async fn admit(parts: &Parts, _: &Platform) -> Result<()> {
        resort::permitted::<P>(parts).map(|_| ())
    }
}

impl Door for Operator {
    async fn admit(parts: &Parts, platform: &Platform) -> Result<()> {
        Operator::identify(parts, platform).await.map(|_| ())
    }
}

impl Door for Lobby {
    async fn admit(_: &Parts, _: &Platform) -> Result<()> {
        Ok(())
    }
}

/// A door that can be opened to look only: nothing is committed, and its connection is given back with it.
pub trait Glance: Door {
    /// # Errors
    /// Those of the door.
    fn glance(parts: &Parts, platform: &Platform) -> impl Future<Output = Result<Self>> + Send;
}

impl<P: Permission> Glance for Read<P> {
    async fn glance(parts: &Parts, platform: &Platform) -> Result<Self> {
        Self::from_request_parts(&mut parts.clone(), platform).await
    }
}

impl Glance for Operator {
    async fn glance(parts: &Parts, platform: &Platform) -> Result<Self> {
        Operator::identify(parts, platform).await
    }
}

impl Glance for Lobby {
    async fn glance(parts: &Parts, platform: &Platform) -> Result<Self> {
        Lobby::begin(parts, platform).await
    }
}

/// A door for later.
pub struct Later<D> {
    parts: Parts,
    platform: Platform,
    door: PhantomData<fn() -> D>,
}

impl<D: Door> Later<D> {
    /// Opens the door to look only. Dropped, it gives its connection back.
    ///
    /// # Errors
    /// Those of the door.
    pub async fn glance(&self) -> Result<D>
    where
        D: Glance,
    {
        D::glance(&self.parts, &self.platform).await
    }

    /// Opens the door, once: what is changed there is committed when the handler succeeds.
    ///
    /// # Errors
    /// Those of the door.
    pub async fn open(&self) -> Result<D, D::Rejection> {
        D::from_request_parts(&mut self.parts.clone(), &self.platform).await
    }

    /// The resort that the request is for, as it was when the request arrived.
    ///
    /// # Errors
    /// 500 on a route of the platform's own.
    pub fn tenant(&self) -> Result<Arc<Tenant>> {
        let identity = self.parts.extensions.get::<Identity>();
        let identity = identity.ok_or_else(|| Problem::internal("a tenant's route without a tenant"))?;
        Ok(identity.tenant.clone())
    }
}

impl<D: Door> FromRequestParts<Platform> for Later<D> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        D::admit(parts, platform).await?;
        Ok(Self { parts: parts.clone(), platform: platform.clone(), door: PhantomData })
    }
}

impl<D: OperationInput> OperationInput for Later<D> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        D::operation_input(ctx, operation);
    }
}
