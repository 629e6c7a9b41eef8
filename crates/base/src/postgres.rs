//! What an error of PostgreSQL means to the client, by its SQLSTATE
//! (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).

use std::error::Error;

use tokio_postgres::error::{DbError, SqlState};

use database::connect::ConnectError;

use crate::problem::{Problem, Result};

/// A constraint that deserves its own words gets them where it can be violated, by [`OnConstraint`]; here is the net
/// under it.
fn problem(error: tokio_postgres::Error) -> Problem {
    let Some(state) = error.code() else { return unreachable(Box::new(error)) };
    // The file of PostgreSQL's source that loads libraries: after an upgrade, one that does not fit the running server.
    if error.as_db_error().and_then(DbError::file) == Some("dfmgr.c") {
        let detail = "the database cannot load a part of itself, as after an upgrade until it is restarted: try again in a moment";
        return Problem::unavailable(detail, 5).caused_by(error);
    }
    match of_state(state) {
        Some(problem) => problem.caused_by(error),
        None => Problem::internal(error),
    }
}

/// There is no connection, it broke, or nothing came back on it.
fn unreachable(cause: Box<dyn Error + Send + Sync>) -> Problem {
    let detail = "the database cannot be reached or does not answer: try again in a moment";
    Problem::unavailable(detail, 1).caused_by(cause)
}

/// `None` for what is a fault of the program.
fn of_state(state: &SqlState) -> Option<Problem> {
    let unavailable = |detail: &str, seconds| Some(Problem::unavailable(detail, seconds));
    let invalid = |message: &str| Some(Problem::invalid("", message));
    match state.code() {
        "23505" | "23P01" => Some(Problem::conflict("this collides with something that is already there")),
        "23503" => {
            Some(Problem::conflict("this refers to something that is not there, or is still referred to"))
        }
        "23514" | "23502" => invalid("a value breaks a rule of the records"),
        "22021" | "22P05" => {
            invalid("the text holds a character that cannot be stored: leave out NUL characters")
        }
        "22003" | "22008" => invalid("a number or date is out of range"),
        "54000" => invalid("a text is too long to be searched by"),
        "53100" => {
            unavailable("the disk is full: the database changed nothing; try again when there is room", 30)
        }
        "53200" => unavailable("the database is out of memory: try again in a moment", 5),
        "53300" => unavailable("the database has no connection free: try again in a moment", 1),
        "53400" => unavailable("the database has reached one of its limits: try again in a moment", 5),
        "55P03" => unavailable("someone else is changing this at the moment: try again", 1),
        "40P01" | "40001" => unavailable("this collided with another change: try again", 1),
        "57014" => unavailable("the database took too long: ask for less, or try again", 5),
        "57P01" | "57P02" | "57P03" | "57P05" => {
            unavailable("the database is stopping or starting: try again in a moment", 1)
        }
        "25006" => unavailable("the database takes no changes at the moment: try again", 5),
        // What went wrong first was said to somebody else, or to nobody.
        "25P02" | "25P03" | "25P04" | "40003" => {
            unavailable("the database gave this request up: nothing was changed; try again", 1)
        }
        "58030" | "58P01" | "58P02" => {
            unavailable("the database cannot use its disk: nothing was changed; try again later", 30)
        }
        state => match &state[..2] {
            "08" => unavailable("the database cannot be reached: try again in a moment", 1),
            "40" => unavailable("this collided with another change: try again", 1),
            "53" | "57" => unavailable("the database is busy: try again in a moment", 1),
            "58" => unavailable("the system under the database failed: try again later", 30),
            _ => None,
        },
    }
}

impl From<tokio_postgres::Error> for Problem {
    fn from(error: tokio_postgres::Error) -> Self {
        problem(error)
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        unreachable(Box::new(error))
    }
}

/// Gives a violated constraint the words it deserves.
pub trait OnConstraint<T> {
    /// When `constraint` was violated, `problem` is the answer; any other error is passed on.
    ///
    /// # Errors
    /// The problem, or the error as it was.
    fn on_constraint(self, constraint: &str, problem: impl FnOnce() -> Problem) -> Result<T>;
}

impl<T, E: Into<Problem> + AsDatabaseError> OnConstraint<T> for Result<T, E> {
    fn on_constraint(self, constraint: &str, problem: impl FnOnce() -> Problem) -> Result<T> {
        self.map_err(|error| if error.violates(constraint) { problem() } else { error.into() })
    }
}

/// An error that may have come from the database.
pub trait AsDatabaseError {
    /// Whether it says that `constraint` was violated.
    fn violates(&self, constraint: &str) -> bool;
}

impl AsDatabaseError for tokio_postgres::Error {
    fn violates(&self, constraint: &str) -> bool {
        let Some(error) = self.as_db_error() else { return false };
        // A sharded cluster leaves the field empty and names the shard's constraint in the message: name_102008.
        error.constraint().map_or_else(|| error.message().contains(constraint), |name| name == constraint)
    }
}

impl AsDatabaseError for Problem {
    fn violates(&self, constraint: &str) -> bool {
        self.cause()
            .and_then(|cause| cause.downcast_ref::<tokio_postgres::Error>())
            .is_some_and(|error| error.violates(constraint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state of every class in the appendix, and every state that this file names: what nobody at the desk can help, and
    /// no fault of the program's, is 503 with a time to come back.
    #[test]
    fn every_class_of_states_has_its_answer() {
        let classes = [
            ("00", 500),
            ("01", 500),
            ("02", 500),
            ("03", 500),
            ("08", 503),
            ("09", 500),
            ("0A", 500),
            ("0B", 500),
            ("0F", 500),
            ("0L", 500),
            ("0P", 500),
            ("0Z", 500),
            ("10", 500),
            ("20", 500),
            ("21", 500),
            ("22", 500),
            ("23", 500),
            ("24", 500),
            ("25", 500),
            ("26", 500),
            ("27", 500),
            ("28", 500),
            ("2B", 500),
            ("2D", 500),
            ("2F", 500),
            ("34", 500),
            ("38", 500),
            ("39", 500),
            ("3B", 500),
            ("3D", 500),
            ("3F", 500),
            ("40", 503),
            ("42", 500),
            ("44", 500),
            ("53", 503),
            ("54", 500),
            ("55", 500),
            ("57", 503),
            ("58", 503),
            ("72", 500),
            ("F0", 500),
            ("HV", 500),
            ("P0", 500),
            ("XX", 500),
        ];
        let whole = classes.map(|(class, status)| (format!("{class}000"), status));
        let named = [
            ("23505", 409),
            ("23P01", 409),
            ("23503", 409),
            ("23514", 422),
            ("23502", 422),
            ("22021", 422),
            ("22P05", 422),
            ("22003", 422),
            ("22008", 422),
            ("54000", 422),
            ("08006", 503),
            ("53100", 503),
            ("53200", 503),
            ("53300", 503),
            ("53400", 503),
            ("55P03", 503),
            ("40P01", 503),
            ("40001", 503),
            ("40003", 503),
            ("57014", 503),
            ("57P01", 503),
            ("57P02", 503),
            ("57P03", 503),
            ("57P05", 503),
            ("25006", 503),
            ("25P02", 503),
            ("25P03", 503),
            ("25P04", 503),
            ("58030", 503),
            ("58P01", 503),
            ("58P02", 503),
            ("42P01", 500),
            ("42883", 500),
            ("P0001", 500),
            ("XX001", 500),
        ];
        let named = named.map(|(state, status)| (state.to_owned(), status));
        // 54000 stands for its class, and is named.
        for (state, status) in whole.into_iter().filter(|(state, _)| state != "54000").chain(named) {
            let problem = of_state(&SqlState::from_code(&state));
            let answered = problem.as_ref().map_or(500, |problem| problem.status().as_u16());
            assert_eq!(answered, status, "{state}");
            let retry = problem.and_then(|problem| problem.retry_after_seconds());
            assert_eq!(retry.is_some(), status == 503, "{state}");
        }
    }
}
