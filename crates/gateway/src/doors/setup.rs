//! The door for operators who may still lack the second factor that is required of them.

use std::ops::Deref;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use base::problem::{Problem, Result};
use http::request::Parts;

use super::later::{Door, Glance};
use super::platform::Operator;
use crate::describe;
use crate::state::Platform;

/// The platform's own tables, for a signed-in operator with or without a second factor: only for setting one up, and for signing
/// out. Committed when the handler succeeds; idempotency keys are ignored.
pub struct OperatorInSetup(Operator);

impl Deref for OperatorInSetup {
    type Target = Operator;

    fn deref(&self) -> &Operator {
        &self.0
    }
}

impl FromRequestParts<Platform> for OperatorInSetup {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let operator = Self::glance(parts, platform).await?;
        operator.leave(parts);
        Ok(operator)
    }
}

impl Door for OperatorInSetup {
    async fn admit(parts: &Parts, platform: &Platform) -> Result<()> {
        Self::glance(parts, platform).await.map(|_| ())
    }
}

impl Glance for OperatorInSetup {
    async fn glance(parts: &Parts, platform: &Platform) -> Result<Self> {
        Operator::find(parts, platform).await.map(|(operator, _)| Self(operator))
    }
}

impl OperationInput for OperatorInSetup {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        describe::requires(operation, "OPERATOR");
        describe::refuses(operation, &[404, 409]);
    }
}
