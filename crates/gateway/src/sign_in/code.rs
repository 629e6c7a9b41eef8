//! Codes of a second factor, at the login and within a session: who may guess how often, and that each is accepted once.

use base::problem::{Problem, Result};
use queries::client::Params;
use queries::queries::sign_ins as sql;

use super::account::Account;
use super::attempts::{Asking, Attempt, FREE};
use super::device::DeviceCookie;
use super::sign_in::{CurrentPassword, Proof};
use super::visitor::Visitor;
use crate::second_factor::{Accepted, Factor, Holder, Recognised};

/// A sign-in that was proven in full.
pub struct Passed {
    pub device: DeviceCookie,
    /// The code, where the account has a second factor.
    pub code: Option<Accepted>,
}

impl Proof {
    /// Checks the code of the account's second factor, where it has one, and forgets the failures before. Without a code the
    /// attempt stays counted, or whoever knows the password could begin anew after every few guesses at the code.
    ///
    /// # Errors
    /// 401 when a code is needed or wrong, 429 after too many that were wrong.
    pub async fn pass(self, account: &Account, code: Option<&str>) -> Result<Passed> {
        let Self { attempt, device, visitor, code_key } = self;
        let code = match &account.factor {
            None => None,
            Some(factor) => {
                let code = code.filter(|code| !code.trim().is_empty()).ok_or_else(needed)?;
                let guesses = Attempt::count(&visitor.asking, code_key).await?;
                let accepted = visitor.accept(account, factor, code).await?.ok_or_else(wrong_code)?;
                guesses.forget().await?;
                Some(accepted)
            }
        };
        attempt.forget().await?;
        Ok(Passed { device, code })
    }
}

fn needed() -> Problem {
    Problem::second_factor_required(
        "this account has a second factor: sign in with `code` as well, from the authenticator app or a recovery code",
    )
}

/// 401 for a login with a right password.
pub fn wrong_code() -> Problem {
    Problem::second_factor_required("the code is wrong, or was used already: wait for the next one")
}

/// 422 for a code within a session.
pub fn invalid_code() -> Problem {
    Problem::invalid("code", "is wrong, or was used already: wait for the next one")
}

/// What became of a guess at a code within a session.
pub enum CodeGuess {
    Right(Accepted),
    Wrong,
    /// Wrong once too often for this session: the caller ends it.
    LastWrong,
}

impl CurrentPassword {
    /// Checks the first code of a factor that is being set up. Wrong ones count as wrong passwords do.
    ///
    /// # Errors
    /// 429 when more guesses are under way than a session has.
    pub async fn guess_first_code(
        &self,
        account: &Account,
        session: &[u8; 32],
        sealed_secret: &str,
        code: &str,
    ) -> Result<CodeGuess> {
        let key = self.visitor.session_key(account, session)?;
        let attempt = Attempt::count(&self.visitor.asking, key).await?;
        let factor = Factor { sealed_secret: sealed_secret.to_owned(), recovery_codes: Vec::new() };
        self.settle(account, &factor, code, attempt).await
    }

    /// Checks a code after the password was right, and forgets the password's attempt when the code is right as well. As at
    /// the login, guesses are counted for the account, or a right password would allow five more.
    ///
    /// # Errors
    /// 429 after too many wrong codes.
    pub async fn guess_code(
        &self,
        account: &Account,
        factor: &Factor,
        code: &str,
        attempt: Attempt,
    ) -> Result<CodeGuess> {
        let guesses = Attempt::count(&self.visitor.asking, self.visitor.code_key(account)?).await?;
        let guess = self.settle(account, factor, code, attempt).await?;
        if let CodeGuess::Right(_) = guess {
            guesses.forget().await?;
        }
        Ok(guess)
    }

    async fn settle(
        &self,
        account: &Account,
        factor: &Factor,
        code: &str,
        attempt: Attempt,
    ) -> Result<CodeGuess> {
        Ok(match self.visitor.accept(account, factor, code).await? {
            Some(accepted) => {
                attempt.forget().await?;
                CodeGuess::Right(accepted)
            }
            None if attempt.failed < FREE => CodeGuess::Wrong,
            None => CodeGuess::LastWrong,
        })
    }
}

impl Visitor {
    /// Accepts a right code; a time-based one at most once, whichever node is asked.
    async fn accept(&self, account: &Account, factor: &Factor, code: &str) -> Result<Option<Accepted>> {
        let Asking { platform, flow, work, stats } = self.asking.clone();
        let holder = Holder { tenant: self.tenant, account: account.id };
        let now = platform.clock.now();
        let step = match factor.recognise(&platform.keys, holder, code, now)? {
            None => return Ok(None),
            Some(Recognised::Recovery(hash)) => return Ok(Some(Accepted::Recovery(hash))),
            Some(Recognised::Step(step)) => step,
        };
        let key = factor.step_key(&platform.keys, holder, step)?;
        let client = platform.unscoped_for(flow, work, stats).await?;
        let accepted =
            sql::accept_code().params(&client, &sql::AcceptCodeParams { key: key.as_slice(), now }).await?;
        Ok((accepted == 1).then_some(Accepted::Timed))
    }
}
