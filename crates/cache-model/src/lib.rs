//! The protocol by which nodes keep what they read, as a model: every interleaving of two nodes with a writer each and a reader on
//! one of them, another tenant whose tables change as well, a shared memory that can be lost, and a connection that can be cut.
//! It models what `versions.rs`, `generations.rs`, `shared.rs` and `lease.rs` of the crate `store` do; times appear as what may
//! happen only after what. The search must also find the fault in ten protocols that leave one rule out.

#![cfg(test)]

use std::collections::HashSet;

/// The protocol, and ways to break it that the search must find.
#[derive(Clone, Copy, Debug)]
struct Protocol {
    /// A writer marks and moves the generation on before it commits, not after.
    marks_before_commit: bool,
    /// A mark stands until its writer takes it away or its transaction must be over.
    marks_outlive_transactions: bool,
    /// After the medium lost its memory nothing is kept until every transaction from before must be over.
    waits_after_loss: bool,
    /// Generations after a loss are none of those before.
    new_incarnation: bool,
    /// What is kept is named by the generation seen before it was read.
    observes_before_reading: bool,
    /// A writer cut off from the medium waits until all leases have run out.
    waits_for_leases: bool,
    /// A lease is looked at after the request arrived.
    leases_after_arrival: bool,
    /// What was kept before the cache was off counts no more once it is on again.
    epochs: bool,
    /// Nothing is taken while a mark stands.
    respects_marks: bool,
    /// What is kept says whose it is, and holds for nobody else.
    names_tenants: bool,
}

const SOUND: Protocol = Protocol {
    marks_before_commit: true,
    marks_outlive_transactions: true,
    waits_after_loss: true,
    new_incarnation: true,
    observes_before_reading: true,
    waits_for_leases: true,
    leases_after_arrival: true,
    epochs: true,
    respects_marks: true,
    names_tenants: true,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Root {
    tenant: u8,
    epoch: u8,
    incarnation: u8,
    generation: u8,
}

type Kept = Option<(Root, u8)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Writer {
    Idle,
    Marked,
    /// It cannot tell the others through the medium.
    Silent,
    Committed,
    /// Acknowledged, or killed.
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reader {
    Idle,
    Arrived { acknowledged: u8, lease: Option<u8> },
    Observed { acknowledged: u8, root: Option<Root> },
    Read { root: Option<Root>, value: u8 },
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    stored: u8,
    /// The newest that a writer acknowledged or a reader was shown.
    acknowledged: u8,
    incarnation: u8,
    generation: u8,
    /// How often another tenant's tables have changed. Nothing of the other's is kept: whatever its readers are given is not theirs.
    others_generation: u8,
    marks: [bool; 2],
    quarantine: bool,
    losses: u8,
    on: bool,
    settled: bool,
    epoch: u8,
    cuts: u8,
    reaches: [bool; 2],
    leases: [Option<u8>; 2],
    memory: [Kept; 2],
    shared: Kept,
    writers: [Writer; 2],
    readers: [Reader; 2],
    rounds: [u8; 2],
}

impl World {
    fn new() -> Self {
        Self {
            stored: 0,
            acknowledged: 0,
            incarnation: 0,
            generation: 0,
            others_generation: 0,
            marks: [false; 2],
            quarantine: false,
            losses: 0,
            on: true,
            settled: false,
            epoch: 0,
            cuts: 0,
            reaches: [true; 2],
            leases: [None; 2],
            memory: [None; 2],
            shared: None,
            writers: [Writer::Idle; 2],
            readers: [Reader::Idle; 2],
            rounds: [0; 2],
        }
    }

    fn root(&self, epoch: u8) -> Root {
        Root { tenant: 0, epoch, incarnation: self.incarnation, generation: self.generation }
    }

    /// What another tenant's reader holds what is kept against, who shows the same key.
    fn others_root(&self, epoch: u8, protocol: Protocol) -> Root {
        let tenant = u8::from(protocol.names_tenants);
        Root { tenant, generation: self.others_generation, ..self.root(epoch) }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut world = self.clone();
        change(&mut world);
        world
    }

    /// Every world that may follow, or what a reader was given although something newer had been acknowledged.
    fn next(&self, protocol: Protocol, found: &mut Vec<Self>) -> Result<(), String> {
        self.medium(protocol, found);
        for node in 0..2 {
            self.write(node, protocol, found);
        }
        if self.others_generation == 0 {
            found.push(self.with(|world| world.others_generation += 1));
        }
        if let Some(epoch) = self.leases[1].filter(|_| !self.quarantine) {
            let others = self.others_root(epoch, protocol);
            if [self.memory[1], self.shared].into_iter().flatten().any(|(kept, _)| kept == others) {
                return Err(format!("another tenant was shown what is not theirs: {self:?}"));
            }
        }
        self.read(1, protocol, found)
    }

    fn medium(&self, protocol: Protocol, found: &mut Vec<Self>) {
        if self.losses == 0 {
            found.push(self.with(|world| {
                world.losses = 1;
                world.incarnation += u8::from(protocol.new_incarnation);
                world.generation = 0;
                world.marks = [false; 2];
                world.quarantine = protocol.waits_after_loss;
            }));
        }
        let over = |node: usize| self.writers[node] != Writer::Marked;
        if self.quarantine && (0..2).all(|node| over(node) || self.marks[node]) {
            found.push(self.with(|world| world.quarantine = false));
        }
        for node in 0..2 {
            if self.marks[node] && (over(node) || !protocol.marks_outlive_transactions) {
                found.push(self.with(|world| world.marks[node] = false));
            }
            if self.reaches[node] && node == 0 && self.cuts == 0 {
                found.push(self.with(|world| (world.reaches[node], world.cuts) = (false, 1)));
            }
            if !self.reaches[node] {
                found.push(self.with(|world| world.reaches[node] = true));
            }
            if self.on && self.leases[node] != Some(self.epoch) {
                found.push(self.with(|world| world.leases[node] = Some(world.epoch)));
            }
            if self.leases[node].is_some() {
                found.push(self.with(|world| world.leases[node] = None));
            }
        }
        let no_lease = self.leases == [None; 2] || !protocol.waits_for_leases;
        if !self.on && !self.settled && no_lease {
            found.push(self.with(|world| world.settled = true));
        }
        if !self.on && self.settled && self.reaches == [true; 2] && self.epoch < 1 {
            found.push(self.with(|world| {
                world.on = true;
                world.settled = false;
                world.epoch += u8::from(protocol.epochs);
            }));
        }
    }

    fn write(&self, node: usize, protocol: Protocol, found: &mut Vec<Self>) {
        let mut to = |writer: Writer, change: &dyn Fn(&mut Self)| {
            found.push(self.with(|world| {
                world.writers[node] = writer;
                change(world);
            }));
        };
        let mark = |world: &mut Self| {
            world.generation += 1;
            world.marks[node] = true;
        };
        match self.writers[node] {
            Writer::Idle if self.leases[node].is_some() && self.reaches[node] => {
                to(Writer::Marked, &|world| {
                    if protocol.marks_before_commit {
                        mark(world);
                    }
                });
            }
            Writer::Idle => to(Writer::Silent, &|_| {}),
            Writer::Silent if self.on => to(Writer::Silent, &|world| world.on = false),
            Writer::Silent if self.settled => to(Writer::Done, &|world| {
                world.stored += 1;
                world.acknowledged = world.stored;
            }),
            Writer::Silent | Writer::Done => {}
            Writer::Marked => {
                to(Writer::Committed, &|world| world.stored += 1);
                // Killed.
                to(Writer::Done, &|_| {});
            }
            Writer::Committed => {
                let stored = self.stored;
                // Whether the mark was taken away does not matter to the acknowledgement.
                to(Writer::Done, &|world| {
                    if !protocol.marks_before_commit {
                        world.generation += 1;
                    }
                    world.acknowledged = stored;
                });
                if self.reaches[node] {
                    to(Writer::Done, &|world| {
                        if !protocol.marks_before_commit {
                            world.generation += 1;
                        }
                        world.marks[node] = false;
                        world.acknowledged = stored;
                    });
                }
                to(Writer::Done, &|_| {});
            }
        }
    }

    fn read(&self, node: usize, protocol: Protocol, found: &mut Vec<Self>) -> Result<(), String> {
        let to = |reader: Reader| self.with(|world| world.readers[node] = reader);
        match self.readers[node] {
            Reader::Idle => {
                let lease = self.leases[node].filter(|_| !protocol.leases_after_arrival);
                found.push(to(Reader::Arrived { acknowledged: self.acknowledged, lease }));
                if !protocol.leases_after_arrival && lease.is_some() {
                    // A request that comes later finds the lease that was looked at now.
                    for acknowledged in self.acknowledged..=2 {
                        found.push(to(Reader::Arrived { acknowledged, lease }));
                    }
                }
            }
            Reader::Arrived { acknowledged, lease } => {
                let lease = lease.or(self.leases[node]);
                let (Some(epoch), true) = (lease, self.reaches[node]) else {
                    found.push(to(Reader::Observed { acknowledged, root: None }));
                    return Ok(());
                };
                if acknowledged > self.acknowledged {
                    return Ok(());
                }
                let marked = protocol.respects_marks && self.marks != [false; 2];
                if marked || self.quarantine {
                    found.push(to(Reader::Observed { acknowledged, root: None }));
                    return Ok(());
                }
                let root = self.root(epoch);
                for (kept, value) in [self.memory[node], self.shared].into_iter().flatten() {
                    if kept == root {
                        if value < acknowledged {
                            return Err(format!("{value} was shown after {acknowledged}: {self:?}"));
                        }
                        found.push(to(Reader::Done).with(|world| world.again(node)));
                    }
                }
                found.push(to(Reader::Observed { acknowledged, root: Some(root) }));
            }
            Reader::Observed { root, .. } => found.push(to(Reader::Read { root, value: self.stored })),
            Reader::Read { root, value } => {
                let root = match root {
                    Some(root) if !protocol.observes_before_reading => Some(self.root(root.epoch)),
                    root => root,
                };
                found.push(to(Reader::Done).with(|world| {
                    world.acknowledged = world.acknowledged.max(value);
                    if let Some(root) = root {
                        world.memory[node] = Some((root, value));
                        if world.reaches[node] && world.root(root.epoch) == root && world.marks == [false; 2]
                        {
                            world.shared = Some((root, value));
                        }
                    }
                    world.again(node);
                }));
            }
            Reader::Done => {}
        }
        Ok(())
    }

    fn again(&mut self, node: usize) {
        if self.rounds[node] < 2 {
            self.rounds[node] += 1;
            self.readers[node] = Reader::Idle;
        }
    }
}

/// Tries every interleaving; how many worlds there are, or the first in which a reader was shown something old.
fn explore(protocol: Protocol) -> Result<usize, String> {
    let (mut seen, mut open, mut found) = (HashSet::from([World::new()]), vec![World::new()], Vec::new());
    while let Some(world) = open.pop() {
        world.next(protocol, &mut found)?;
        for next in found.drain(..) {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    Ok(seen.len())
}

#[test]
fn no_interleaving_shows_anything_old() {
    let worlds = explore(SOUND).unwrap();
    assert!(worlds > 100_000, "the model has become too small: {worlds} worlds");
}

#[test]
fn the_search_finds_what_is_wrong_with_every_lesser_protocol() {
    for (name, lesser) in [
        ("no marks", Protocol { marks_before_commit: false, ..SOUND }),
        ("short marks", Protocol { marks_outlive_transactions: false, ..SOUND }),
        ("no quarantine", Protocol { waits_after_loss: false, ..SOUND }),
        ("generations return", Protocol { new_incarnation: false, ..SOUND }),
        ("named after reading", Protocol { observes_before_reading: false, ..SOUND }),
        ("leases ignored", Protocol { waits_for_leases: false, ..SOUND }),
        ("leases from before", Protocol { leases_after_arrival: false, ..SOUND }),
        ("no epochs", Protocol { epochs: false, ..SOUND }),
        ("marks ignored", Protocol { respects_marks: false, ..SOUND }),
        ("tenants unnamed", Protocol { names_tenants: false, ..SOUND }),
    ] {
        assert!(explore(lesser).is_err(), "{name} goes unnoticed");
    }
}
