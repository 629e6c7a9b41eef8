//! Questions that one request has at the same moment, in one round trip: those for one master travel as one message.

use std::sync::Arc;

use ::redis::{Cmd, Pipeline, Value};
use futures_util::future::join_all;
use tokio::time::timeout;

use super::call::{PATIENCE, RunId, Script, Unreachable};
use super::link::{Link, Map};
use super::master::{Connection, Master};

/// A command or a script. It is asked again only where an answer says that it did not run.
#[derive(Clone)]
pub struct Question<'a> {
    key: String,
    script: Option<&'a Script>,
    /// What follows the key.
    words: Vec<String>,
    name: &'static str,
}

impl<'a> Question<'a> {
    /// A command of the form `name key words…`.
    pub fn command(name: &'static str, key: String, words: &[&str]) -> Self {
        Self { key, script: None, words: words.iter().map(|word| (*word).to_owned()).collect(), name }
    }

    /// A script that gets the key and these arguments.
    pub fn script(script: &'a Script, key: String, words: Vec<String>) -> Self {
        Self { key, script: Some(script), words, name: "EVALSHA" }
    }

    fn call(&self, by_hash: bool) -> Cmd {
        let Some(script) = self.script else {
            let mut call = ::redis::cmd(self.name);
            call.arg(&self.key).arg(&self.words);
            return call;
        };
        let (name, code) = if by_hash { (self.name, script.hash.as_str()) } else { ("EVAL", script.code) };
        let mut call = ::redis::cmd(name);
        call.arg(code).arg(1).arg(&self.key).arg(&self.words);
        call
    }
}

/// What a master said.
#[derive(Clone, Debug)]
pub struct Answered {
    pub value: Value,
    pub run: RunId,
    /// Milliseconds since 1970 by the clock of the one who answered, taken before it looked; 0 when that was not asked.
    pub at: u64,
}

impl Link {
    /// Asks everything at once, and waits for one round trip: an answer for each question, in their order.
    pub async fn ask(&self, questions: &[Question<'_>]) -> Vec<Result<Answered, Unreachable>> {
        let masters = questions.iter().map(|question| self.known_master(&question.key));
        let masters: Vec<Option<Arc<Master>>> = masters.collect();
        let mut groups: Vec<(Arc<Master>, Vec<usize>)> = Vec::new();
        for (place, master) in masters.into_iter().enumerate() {
            let Some(master) = master else { continue };
            match groups.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &master)) {
                Some((_, places)) => places.push(place),
                None => groups.push((master, vec![place])),
            }
        }
        let mut answers: Vec<Option<Result<Answered, Unreachable>>> = vec![None; questions.len()];
        let asked = groups.iter().map(|(master, places)| self.ask_one(master, questions, places));
        for ((_, places), said) in groups.iter().zip(join_all(asked).await) {
            for (place, answer) in places.iter().zip(said) {
                answers[*place] = answer;
            }
        }
        let each = questions.iter().zip(answers).map(async |(question, answer)| match answer {
            Some(answer) => answer,
            None => self.ask_alone(question).await,
        });
        join_all(each).await
    }

    fn known_master(&self, key: &str) -> Option<Arc<Master>> {
        match &*self.0.map.borrow() {
            Map::One(master) => Some(master.clone()),
            Map::Many(slots) => slots.of(key),
            Map::Seeking | Map::Unknown(_) => None,
        }
    }

    /// `None` for what has to be asked alone: its key lives elsewhere by now, or the script is not known there.
    async fn ask_one(
        &self,
        master: &Arc<Master>,
        questions: &[Question<'_>],
        places: &[usize],
    ) -> Vec<Option<Result<Answered, Unreachable>>> {
        let mut used = None;
        let asked = async {
            let connection = master.connection().await?;
            used = Some(connection.clone());
            let said = together(&connection, places.iter().map(|place| questions[*place].call(true))).await;
            said.ok_or_else(|| Unreachable::of("the connection broke"))
        };
        let failed = match timeout(PATIENCE, asked).await {
            Ok(Ok(said)) => return said.into_iter().map(|answer| answer.map(Ok)).collect(),
            Ok(Err(unreachable)) => unreachable,
            Err(_) => Unreachable::of("no answer in time"),
        };
        if let Some(connection) = used {
            master.give_up(&connection);
        }
        self.0.masters.outdated.notify_one();
        vec![Some(Err(failed)); places.len()]
    }

    /// With all that may be needed to find who answers.
    async fn ask_alone(&self, question: &Question<'_>) -> Result<Answered, Unreachable> {
        let mut used = None;
        let call = |by_hash: bool| question.call(by_hash);
        let asked = timeout(PATIENCE, self.run_call(&question.key, &call, &mut used)).await;
        let answered = asked.unwrap_or_else(|_| Err(Unreachable::of("no answer in time")));
        if let (Err(_), Some((master, connection))) = (&answered, used) {
            master.give_up(&connection);
            self.0.masters.outdated.notify_one();
        }
        answered.map(|(value, run)| Answered { value, run, at: 0 })
    }
}

/// `None` when the connection is of no use any more.
async fn together(
    connection: &Connection,
    calls: impl Iterator<Item = Cmd>,
) -> Option<Vec<Option<Answered>>> {
    let mut all = Pipeline::new();
    all.cmd("TIME");
    let count = calls.fold(1, |count, call| {
        all.add_command(call);
        count + 1
    });
    let mut said = connection.wire.clone().send_packed_commands(&all, 0, count).await.ok()?.into_iter();
    let (seconds, micros): (u64, u64) = ::redis::from_redis_value(said.next()?).ok()?;
    let at = seconds * 1000 + micros / 1000;
    let answered = |value: Value| {
        let value = value.extract_error().ok()?;
        Some(Answered { value, run: connection.run, at })
    };
    Some(said.map(answered).collect())
}
