//! What a request asks for a place as.

use tokio::time::Instant;

/// Priority class of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Class {
    /// What somebody at a counter waits for: one thing, or a change.
    Desk,
    Lists,
    /// What looks at much.
    Reports,
}

impl Class {
    pub const COUNT: usize = 3;
    pub const ALL: [Self; Self::COUNT] = [Self::Desk, Self::Lists, Self::Reports];

    pub(super) fn index(self) -> usize {
        self as usize
    }
}

/// What a request says when it asks for a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    pub(super) class: Class,
    /// The number of its route, of those that do the same.
    pub(super) kind: usize,
    pub(super) since: Instant,
}

impl Work {
    /// The look-up of who is asking, which is the same for every route.
    pub(crate) fn look_up(self) -> Self {
        Self { kind: 0, ..self }
    }
}

/// What no route asks for.
impl Default for Work {
    fn default() -> Self {
        Self { class: Class::Desk, kind: 0, since: Instant::now() }
    }
}
