//! What one node may still give out of one resort's allowance. Pure: the time comes as an argument, in milliseconds of
//! whoever's clock rules the windows.

/// After an answer of "nothing left" and while Redis is lost: how long until it is asked again.
pub(super) const ASK_AGAIN_MS: i64 = 250;

/// How far apart two requests may see the clock. A window that lies further ahead was opened before the clock was set back.
/// `take.lua` has the same figure.
const SKEW_MS: i64 = 2000;

/// The first moment of the window that `now` lies in.
pub(super) fn window(now: i64, length: i64) -> i64 {
    now - now.rem_euclid(length)
}

/// How many requests a node may hold in hand while nobody waits for them. Far from the limit a hundredth of it, so that no
/// decision costs a round trip where a hundred or more are allowed; in its last quarter no more than what all nodes together
/// may strand, which for small limits is nothing: then each request is asked for. `take.lua` has the same rule.
pub(super) fn slice(limit: u32, free: u32, nodes: u32) -> u32 {
    if u64::from(free) * 4 > u64::from(limit) { limit / 100 } else { limit / 100 / nodes.max(1) }
}

/// What a request is told at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is admitted. `refill`: ask for more meanwhile.
    Admitted { refill: bool },
    /// Nothing is in hand: ask, then try again.
    Ask,
    /// The window's allowance is used up.
    Refused { refill: bool },
}

/// What Redis answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) window: i64,
    pub(super) granted: u32,
    /// What is left for everyone after that.
    pub(super) free: u32,
    /// What the other nodes have been given so far.
    pub(super) others: u32,
    /// For so many milliseconds it gives nothing: it may have forgotten what it gave, and waits until all nodes have told.
    pub(super) holds_back: i64,
}

/// What this node says when it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) window: i64,
    /// Used and in hand, in this window: this node's part of the limit until it says otherwise.
    pub(super) obtained: u32,
    pub(super) held: u32,
}

/// What is known of the world when Redis is lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    /// How many nodes share Redis, as last seen.
    pub(super) nodes: u32,
    /// When Redis was last seen.
    pub(super) since: i64,
    /// Whether the resort had used half of its allowance by then, as far as any node knew.
    pub(super) hot: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Bucket {
    limit: u32,
    length: i64,
    window: i64,
    used: u32,
    held: u32,
    /// The last answer in this window.
    seen: Option<Grant>,
    /// What the others took between the last two answers.
    pace: u32,
    /// While Redis is lost or holds back: what is left of this node's share.
    share: Option<u32>,
    /// Until when Redis holds back.
    held_back: i64,
    asking: bool,
    /// Someone was sent to ask.
    refilling: bool,
    ask_again: i64,
}

impl Bucket {
    pub(super) fn new(limit: u32, length: i64) -> Self {
        Self {
            limit,
            length,
            window: i64::MIN,
            used: 0,
            held: 0,
            seen: None,
            pace: 0,
            share: None,
            held_back: i64::MIN,
            asking: false,
            refilling: false,
            ask_again: i64::MIN,
        }
    }

    /// The first moment after its window.
    pub(super) fn end(&self) -> i64 {
        self.window.saturating_add(self.length)
    }

    /// What is left for everyone, as far as this node knows.
    pub(super) fn remaining(&self) -> u32 {
        match (self.share, self.seen) {
            (Some(share), _) => self.held + share,
            (None, Some(seen)) => self.held + seen.free,
            (None, None) => self.held,
        }
    }

    /// In how many milliseconds there is more for one who is refused now.
    pub(super) fn more_in(&self, now: i64) -> i64 {
        if self.held_back > now { self.held_back.min(self.end()) - now } else { self.end() - now }
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// For the only node there is: one of the whole allowance.
    pub(super) fn take_alone(&mut self, now: i64, limit: u32) -> Taken {
        let window = window(now, self.length);
        if window > self.window || self.window > now + SKEW_MS {
            (self.window, self.used) = (window, 0);
        }
        self.limit = limit;
        let admitted = self.used < limit;
        self.used += u32::from(admitted);
        self.held = limit.saturating_sub(self.used);
        if admitted { Taken::Admitted { refill: false } } else { Taken::Refused { refill: false } }
    }

    /// For the only node there is: the window and what is used of it.
    pub(super) fn count(&self) -> (i64, u32) {
        (self.window, self.used)
    }

    /// Goes on where another program stopped counting.
    pub(super) fn restore(&mut self, window: i64, used: u32) {
        (self.window, self.used) = (window, used);
    }

    /// One of what this node has in hand.
    pub(super) fn take(&mut self, now: i64, limit: u32, nodes: u32) -> Taken {
        if limit != self.limit {
            // What is in hand was given under another limit.
            (self.limit, self.held, self.ask_again) = (limit, 0, i64::MIN);
            self.share = self.share.map(|share| share.min(limit / nodes.max(1)));
        }
        if now >= self.end() {
            match self.share {
                // Nobody else hands out the new window either.
                Some(_) => self.enter(window(now, self.length), Some(limit / nodes.max(1))),
                None => return Taken::Ask,
            }
        }
        let due = now >= self.ask_again && !self.asking;
        if self.held > 0 {
            self.held -= 1;
            self.used += 1;
            let low = self.held * 2 <= slice(limit, self.free(), nodes);
            let wanted = self.share.is_some() || (low && self.free() > 0 && self.keeps(nodes) > 0);
            return Taken::Admitted { refill: self.refill(due && wanted) };
        }
        match self.share {
            // What is used while a question is under way would be missing from what it states.
            Some(_) if self.asking => Taken::Ask,
            Some(0) => Taken::Refused { refill: self.refill(due) },
            Some(share) => {
                self.share = Some(share - 1);
                self.used += 1;
                Taken::Admitted { refill: self.refill(due) }
            }
            None if due || self.asking => Taken::Ask,
            None => Taken::Refused { refill: false },
        }
    }

    /// One is sent at a time.
    fn refill(&mut self, wanted: bool) -> bool {
        let refill = wanted && !self.refilling;
        self.refilling |= refill;
        refill
    }

    fn free(&self) -> u32 {
        self.seen.map_or(0, |seen| seen.free)
    }

    fn keeps(&self, nodes: u32) -> u32 {
        slice(self.limit, self.free(), nodes)
    }

    /// Whether it holds more than it should by now, so that others may find the allowance used up.
    pub(super) fn holds_too_much(&self, now: i64, nodes: u32) -> bool {
        now < self.end() && self.share.is_none() && self.held > self.keeps(nodes)
    }

    /// Whether this node used any of the window that is open, or has some of it in hand.
    pub(super) fn has_used(&self, now: i64) -> bool {
        now < self.end() && self.used + self.held > 0
    }

    /// Puts together what to say when nothing is used here any more; `None`: there is nothing to give back.
    pub(super) fn give_back(&mut self, now: i64) -> Option<Statement> {
        if now >= self.end() || self.share.is_some() || self.held == 0 {
            return None;
        }
        (self.held, self.asking) = (0, true);
        Some(Statement { window: self.window, obtained: self.used, held: 0 })
    }

    /// Whether half of the allowance is used.
    pub(super) fn is_hot(&self) -> bool {
        self.seen.is_some_and(|seen| u64::from(seen.free) * 2 < u64::from(self.limit))
    }

    /// Puts together what to say, giving back what is in hand beyond what is due: from here on it is not used.
    pub(super) fn state(&mut self, waiting: u32, nodes: u32) -> Statement {
        if let Some(share) = self.share {
            // Some of the share goes along as in hand, for those who come while the question is under way.
            let some = share.min((self.limit / 100).max(1) + waiting);
            (self.share, self.held) = (Some(share - some), self.held + some);
        } else {
            self.held = self.held.min(self.keeps(nodes).saturating_add(waiting));
        }
        (self.asking, self.refilling) = (true, false);
        Statement { window: self.window, obtained: self.used + self.held, held: self.held }
    }

    /// Redis answered what was said with `stated`.
    pub(super) fn granted(&mut self, now: i64, grant: Grant, lost: Lost) {
        self.asking = false;
        if grant.window != self.window {
            self.enter(grant.window, None);
        }
        self.held_back = now + grant.holds_back;
        if grant.holds_back > 0 {
            // What it says is left may be too much: it is not looked at.
            self.ask_again = now + ASK_AGAIN_MS;
            let unknown = if lost.hot { 0 } else { self.limit / 2 / lost.nodes.max(1) };
            let share = if self.seen.is_some() { self.share_of(lost) } else { unknown };
            self.share.get_or_insert(share);
            return;
        }
        let before = self.seen.map_or(grant.others, |seen| seen.others);
        self.pace = grant.others.saturating_sub(before);
        self.seen = Some(grant);
        self.share = None;
        self.held += grant.granted;
        let is_over = grant.granted == 0 && grant.free == 0;
        self.ask_again = if is_over { now + ASK_AGAIN_MS } else { i64::MIN };
    }

    /// Redis did not answer: from here on this node limits by itself, to its share of what was left.
    pub(super) fn unanswered(&mut self, now: i64, lost: Lost) {
        self.asking = false;
        self.ask_again = now + ASK_AGAIN_MS;
        if now >= self.end() {
            let window = window(now, self.length);
            let began_before = window < lost.since;
            self.enter(window, None);
            let all = u64::from(self.limit) / u64::from(lost.nodes.max(1));
            let left = u64::try_from(self.end() - now).unwrap_or(0) * all / self.length.unsigned_abs();
            // In a window of which nothing is known: the part of it that is left, and less when others knew it was busy.
            let share = match (began_before, lost.hot) {
                (false, _) => all,
                (true, false) => left,
                (true, true) => left / 4,
            };
            self.share = Some(u32::try_from(share).unwrap_or(self.limit));
        }
        self.share.get_or_insert(self.share_of(lost));
    }

    /// A question was answered or given up half-way; what it said will be said anew.
    pub(super) fn asked(&mut self) {
        self.asking = false;
    }

    /// Somebody else is asking already.
    pub(super) fn need_no_refill(&mut self) {
        self.refilling = false;
    }

    /// This node's share of what was left when Redis was last asked. What the others may have taken since is allowed for:
    /// by twice their last pace; and of a resort that nobody knew to be hot, only half is shared out.
    fn share_of(&self, lost: Lost) -> u32 {
        let left = self.free().saturating_sub(2 * self.pace);
        let left = if lost.hot { left } else { left.min(self.limit / 2) };
        left / lost.nodes.max(1)
    }

    fn enter(&mut self, window: i64, share: Option<u32>) {
        let fresh = Self::new(self.limit, self.length);
        let (asking, refilling, ask_again) = (self.asking, self.refilling, self.ask_again);
        *self = Self { window, share, asking, refilling, ask_again, ..fresh };
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use proptest::prelude::*;

    const LENGTH: i64 = 900_000;
    const LOST: Lost = Lost { nodes: 3, since: i64::MIN, hot: false };

    /// What `take.lua` does, for one resort and one window.
    #[derive(Default)]
    struct Ledger {
        obtained: HashMap<usize, u32>,
    }

    impl Ledger {
        fn take(&mut self, node: usize, limit: u32, stated: Statement, waiting: u32, nodes: u32) -> Grant {
            let (obtained, held) = if stated.window == 0 { (stated.obtained, stated.held) } else { (0, 0) };
            let others = self.obtained.iter().filter(|(other, _)| **other != node).map(|(_, is)| is).sum();
            let free = limit.saturating_sub(others).saturating_sub(obtained);
            let granted = (waiting + slice(limit, free, nodes)).saturating_sub(held).min(free);
            self.obtained.insert(node, obtained + granted);
            Grant { window: 0, granted, free: free - granted, others, holds_back: 0 }
        }
    }

    /// What happens to a request at a node, and to the answer should it ask.
    fn requests() -> impl Strategy<Value = Vec<(usize, bool)>> {
        prop::collection::vec((0..3usize, prop::bool::weighted(0.9)), 1..2000)
    }

    proptest! {
        /// Answers get lost on the way, and what was granted in them is never used: still no request goes beyond the limit,
        /// and in the end nearly all of it is used.
        #[test]
        fn no_request_more_and_at_most_a_hundredth_less(limit in 1u32..600, requests in requests()) {
            let mut ledger = Ledger::default();
            let mut nodes = vec![Bucket::new(limit, LENGTH); 3];
            let mut admitted = 0;
            let mut now = 1;
            let flood = (0..3 * limit as usize).map(|number| (number % 3, true));
            for (node, arrives) in requests.into_iter().chain(flood) {
                now += 1;
                let bucket = &mut nodes[node];
                let mut taken = bucket.take(now, limit, 3);
                if taken == Taken::Ask || matches!(taken, Taken::Admitted { refill: true }) {
                    let waiting = u32::from(taken == Taken::Ask);
                    let stated = bucket.state(waiting, 3);
                    let grant = ledger.take(node, limit, stated, waiting, 3);
                    if arrives {
                        bucket.granted(now, grant, LOST);
                    } else {
                        bucket.asked();
                    }
                    if taken == Taken::Ask {
                        taken = bucket.take(now, limit, 3);
                    }
                }
                admitted += u32::from(matches!(taken, Taken::Admitted { .. }));
                prop_assert!(admitted <= limit);
            }
            let in_hand: u32 = nodes.iter().map(|bucket| bucket.held).sum();
            prop_assert!(admitted + in_hand <= limit);
            // A node that finds nothing left asks again a little later; here time hardly passes.
            let granted: u32 = ledger.obtained.values().sum();
            prop_assert!(granted <= limit && granted * 100 >= limit * 99, "{granted} of {limit}");
        }

        /// Redis goes at any moment, and what the nodes do alone stays within the limit all the same.
        #[test]
        fn shares_of_a_lost_redis_stay_within_the_limit(limit in 30u32..3000, before in 0..4000usize) {
            let mut ledger = Ledger::default();
            let mut nodes = vec![Bucket::new(limit, LENGTH); 3];
            let mut admitted = 0;
            for (number, lost) in (0..before).map(|number| (number, false)).chain((0..6000).map(|number| (number, true))) {
                let node = number % 3;
                let hot = nodes.iter().any(Bucket::is_hot);
                let bucket = &mut nodes[node];
                let now = 1 + number as i64 / 100;
                let mut taken = bucket.take(now, limit, 3);
                if taken == Taken::Ask || matches!(taken, Taken::Admitted { refill: true }) {
                    let waiting = u32::from(taken == Taken::Ask);
                    let stated = bucket.state(waiting, 3);
                    if lost {
                        bucket.unanswered(now, Lost { nodes: 3, since: now, hot });
                    } else {
                        bucket.granted(now, ledger.take(node, limit, stated, waiting, 3), LOST);
                    }
                    if taken == Taken::Ask {
                        taken = bucket.take(now, limit, 3);
                    }
                }
                admitted += u32::from(matches!(taken, Taken::Admitted { .. }));
            }
            prop_assert!(admitted <= limit, "{admitted} of {limit}");
        }

        #[test]
        fn alone_a_node_gives_the_whole_limit_in_every_window(limit in 1u32..300, requests in 1u32..600) {
            let mut bucket = Bucket::new(limit, LENGTH);
            for window in [0, 1, 5] {
                let now = window * LENGTH + 7;
                let taken = (0..requests).filter(|_| {
                    matches!(bucket.take_alone(now, limit), Taken::Admitted { .. })
                });
                prop_assert_eq!(taken.count(), limit.min(requests) as usize);
                prop_assert_eq!(bucket.remaining(), limit.saturating_sub(requests));
            }
        }
    }

    #[test]
    fn far_from_the_limit_a_decision_asks_nobody() {
        let mut ledger = Ledger::default();
        let mut bucket = Bucket::new(100, LENGTH);
        let mut asked = 0;
        for _ in 0..70 {
            let taken = bucket.take(1, 100, 3);
            if taken == Taken::Ask {
                asked += 1;
            }
            let stated = bucket.state(u32::from(taken == Taken::Ask), 3);
            let waiting = u32::from(taken == Taken::Ask);
            bucket.granted(1, ledger.take(0, 100, stated, waiting, 3), LOST);
            if taken == Taken::Ask {
                assert!(matches!(bucket.take(1, 100, 3), Taken::Admitted { .. }));
            }
        }
        assert_eq!(asked, 1, "only the first waits");
    }

    #[test]
    fn what_is_in_hand_when_the_window_ends_is_void() {
        let mut bucket = Bucket::new(1000, LENGTH);
        let stated = bucket.state(1, 1);
        assert_eq!(stated.obtained, 0);
        let grant = Grant { window: 0, granted: 11, free: 989, others: 0, holds_back: 0 };
        bucket.granted(1, grant, LOST);
        assert!(matches!(bucket.take(LENGTH - 1, 1000, 1), Taken::Admitted { .. }));
        assert_eq!(bucket.take(LENGTH, 1000, 1), Taken::Ask);
        let next = Grant { window: LENGTH, granted: 1, free: 999, others: 0, holds_back: 0 };
        let stated = bucket.state(1, 1);
        assert_eq!(stated.window, 0, "it is said of the window it was in");
        bucket.granted(LENGTH, next, LOST);
        assert_eq!((bucket.held, bucket.used), (1, 0));
    }

    #[test]
    fn without_redis_a_node_goes_on_with_its_share_of_every_window() {
        let count = |bucket: &mut Bucket, now| {
            (0..5000).filter(|_| matches!(bucket.take(now, 3000, 3), Taken::Admitted { .. })).count()
        };
        let mut bucket = Bucket::new(3000, LENGTH);
        bucket.state(1, 3);
        bucket.unanswered(LENGTH / 3, Lost { nodes: 3, since: LENGTH / 3, hot: false });
        assert_eq!(
            count(&mut bucket, LENGTH / 3),
            666,
            "a third of the two thirds of a window that are left"
        );
        assert_eq!(count(&mut bucket, LENGTH + 1), 1000, "a third of a window in which nobody has been");
        let mut bucket = Bucket::new(3000, LENGTH);
        bucket.state(1, 3);
        let grant = Grant { window: 0, granted: 1, free: 1199, others: 1800, holds_back: 0 };
        bucket.granted(1, grant, LOST);
        bucket.state(0, 3);
        bucket.unanswered(2, Lost { nodes: 3, since: 1, hot: true });
        assert_eq!(count(&mut bucket, 2), 400, "a third of what was left, with what was in hand");
    }

    #[test]
    fn who_is_refused_while_redis_holds_back_hears_for_how_long_it_does() {
        let mut bucket = Bucket::new(10, LENGTH);
        let unknown = Lost { nodes: 1, since: 0, hot: true };
        let grant = Grant { window: 0, granted: 0, free: 10, others: 0, holds_back: 2000 };
        bucket.state(1, 1);
        bucket.granted(100, grant, unknown);
        assert_eq!(bucket.take(100, 10, 1), Taken::Refused { refill: false });
        assert_eq!(bucket.more_in(100), 2000);
        bucket.state(1, 1);
        let late = Grant { holds_back: 2000, ..grant };
        bucket.granted(LENGTH - 500, late, unknown);
        assert_eq!(bucket.more_in(LENGTH - 500), 500, "a window that ends before");
        bucket.state(1, 1);
        bucket.granted(LENGTH - 400, Grant { free: 0, others: 10, holds_back: 0, ..grant }, LOST);
        assert_eq!(bucket.more_in(LENGTH - 400), 400);
    }
}
