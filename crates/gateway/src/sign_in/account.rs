//! An account whose password is checked.

use uuid::Uuid;

use crate::second_factor::Factor;

/// What is known of an account before its password is checked.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: Uuid,
    pub password_hash: String,
    pub is_active: bool,
    pub factor: Option<Factor>,
}

impl Account {
    /// Whether the account, looked at again under a lock, is still the one whose password was right.
    #[must_use]
    pub fn is_still(&self, before: &Account) -> bool {
        let secret = |account: &Self| account.factor.as_ref().map(|factor| factor.sealed_secret.clone());
        self.is_active
            && self.id == before.id
            && self.password_hash == before.password_hash
            && secret(self) == secret(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_changed_meanwhile_is_not_the_one_that_was_proven() {
        let id = Uuid::from_u128(1);
        let before = Account { id, password_hash: "a".into(), is_active: true, factor: None };
        assert!(before.is_still(&before));
        assert!(!Account { is_active: false, ..before.clone() }.is_still(&before));
        assert!(!Account { password_hash: "b".into(), ..before.clone() }.is_still(&before));
        let factor = |secret: &str| Some(Factor { sealed_secret: secret.into(), recovery_codes: Vec::new() });
        let secured = Account { factor: factor("a"), ..before.clone() };
        assert!(!secured.is_still(&before) && !before.is_still(&secured) && secured.is_still(&secured));
        assert!(!Account { factor: factor("b"), ..before.clone() }.is_still(&secured));
    }
}
