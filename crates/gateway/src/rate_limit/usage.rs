//! What this node knows of one resort's window, and what it may admit by itself. Times are milliseconds of whichever clock
//! rules the windows.

use super::taken::Taken;
use store::redis::RunId;

/// How far apart two requests may see the clock. A window that lies further ahead was opened before the clock was set back.
/// `count.lua` has the same figure.
const SKEW_MS: i64 = 2000;

/// The first moment of the window that `now` lies in.
pub(super) fn window(now: i64, length: i64) -> i64 {
    now - now.rem_euclid(length)
}

#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    pub(super) window: i64,
    /// Requests that this node admitted.
    pub(super) own: u32,
    /// Those of them that Redis knows of.
    recorded: u32,
    /// Requests that all nodes admitted, as Redis last said.
    total: u32,
    /// The Redis process that knows of all that this node admitted.
    pub(super) told: Option<RunId>,
}

/// What `count.lua` answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) now: i64,
    pub(super) window: i64,
    /// 1: counted; 0: nothing was; -1: taken back.
    pub(super) count: i32,
    /// Requests that all nodes admitted, and those of them that this one did.
    pub(super) total: u32,
    pub(super) own: u32,
}

impl Usage {
    pub(super) fn restored(window: i64, own: u32) -> Self {
        Self { window, own, ..Self::default() }
    }

    fn enter(&mut self, window: i64, now: i64) {
        if window > self.window || self.window > now + SKEW_MS {
            *self = Self { window, ..Self::default() };
        }
    }

    /// Counts a request in this process: there is no Redis, or it cannot be reached. Of what was left when Redis last answered
    /// a node may admit its part, which without Redis is the whole limit.
    pub(super) fn take(&mut self, now: i64, length: i64, limit: u32, nodes: u32) -> Taken {
        self.enter(window(now, length), now);
        let share = limit.saturating_sub(self.total) / nodes.max(1);
        let is_admitted = self.unrecorded() < share;
        if is_admitted {
            self.own += 1;
            self.told = None;
        }
        let remaining = share.saturating_sub(self.unrecorded());
        Taken { is_admitted, remaining, left: self.window + length - now }
    }

    fn unrecorded(&self) -> u32 {
        self.own.saturating_sub(self.recorded)
    }

    /// How many requests all nodes admitted, as far as this one knows.
    pub(super) fn known(&self) -> u32 {
        self.total + self.unrecorded()
    }

    /// Notes what Redis answered.
    pub(super) fn hear(&mut self, answer: &Answer, run: RunId) {
        self.enter(answer.window, answer.now);
        if answer.window != self.window {
            return;
        }
        self.own = self.own.saturating_add_signed(answer.count);
        if answer.count < 0 {
            (self.recorded, self.total) = (answer.own, answer.total);
        } else {
            // Answers may overtake each other.
            self.recorded = self.recorded.max(answer.own);
            self.total = self.total.max(answer.total);
        }
        if answer.own >= self.own {
            self.told = Some(run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: RunId = RunId::test(1);

    fn admitted(usage: &mut Usage, now: i64, limit: u32, nodes: u32) -> u32 {
        (0..1000).map(|_| u32::from(usage.take(now, 1000, limit, nodes).is_admitted)).sum()
    }

    #[test]
    fn alone_it_admits_the_limit_once_in_each_window() {
        let mut usage = Usage::default();
        let first = usage.take(5100, 1000, 2, 1);
        assert_eq!(first, Taken { is_admitted: true, remaining: 1, left: 900 });
        assert_eq!(admitted(&mut usage, 5999, 2, 1), 1);
        assert_eq!(admitted(&mut usage, 6000, 2, 1), 2);
        // A clock that is a little behind opens no window anew, one that was set back does.
        assert_eq!(admitted(&mut usage, 5999, 2, 1), 0);
        assert_eq!(admitted(&mut usage, 3999, 2, 1), 2);
    }

    #[test]
    fn without_redis_a_node_admits_its_part_of_what_was_left() {
        let mut usage = Usage::default();
        let answer = Answer { now: 5100, window: 5000, count: 1, total: 40, own: 1 };
        usage.hear(&answer, RUN);
        assert_eq!(usage.told, Some(RUN));
        assert_eq!(admitted(&mut usage, 5200, 100, 3), 20);
        assert_eq!((usage.own, usage.known(), usage.told), (21, 60, None));
        // Redis is back and knows of them; then it is lost again.
        usage.hear(&Answer { now: 5300, count: 1, total: 71, own: 22, ..answer }, RUN);
        assert_eq!((usage.known(), usage.told), (71, Some(RUN)));
        assert_eq!(admitted(&mut usage, 5400, 100, 3), 9);
        assert_eq!(admitted(&mut usage, 6000, 100, 3), 33);
    }

    #[test]
    fn an_answer_from_the_window_before_changes_nothing() {
        let mut usage = Usage::default();
        usage.hear(&Answer { now: 6001, window: 6000, count: 1, total: 1, own: 1 }, RUN);
        usage.hear(&Answer { now: 5999, window: 5000, count: 1, total: 9, own: 9 }, RUN);
        assert_eq!((usage.window, usage.own, usage.known()), (6000, 1, 1));
    }

    #[test]
    fn what_is_taken_back_was_not_admitted() {
        let mut usage = Usage::default();
        let answer = Answer { now: 5100, window: 5000, count: 1, total: 1, own: 1 };
        usage.hear(&answer, RUN);
        usage.hear(&Answer { count: -1, total: 0, own: 0, ..answer }, RUN);
        assert_eq!((usage.own, usage.known()), (0, 0));
    }
}
