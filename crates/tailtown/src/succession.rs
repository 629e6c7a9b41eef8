//! An old program and the new one that follows it, over one socket: the new one is given the listeners and the locks, says
//! that it is ready, and is let in with the counts of the limits. From then on the old one, which still answers what is under way,
//! asks the new one wherever there may be only one truth: may a resort ask once more, and what is about to change.

use std::collections::HashMap;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream as Socket;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use futures_util::future::BoxFuture;
use gateway::rate_limit::{self, Count, Taken};
use gateway::state::Platform;
use observe::metrics::Past;
use rustix::io::FdFlags;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::habits::Habits;
use store::versions::{self, Marks};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use uuid::Uuid;

/// The two may be of different versions: what they say to each other is counted here.
const PROTOCOL: u32 = 1;

/// The most descriptors that go along.
const DESCRIPTORS: usize = 16;

/// The longest offer: what the kernel passes in one piece.
const LONGEST: usize = 32 * 1024;

/// How long the other may take to answer before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the new program is given when it starts; it keeps its hands off until it is let in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Offer {
    protocol: u32,
    pub origin: Origin,
    /// Names of the descriptors that come along, in tsuccessor order.
    pub descriptors: Vec<String>,
    /// Those among them that someone else opened, whatever the settings say.
    pub given: Vec<String>,
    /// What to know before it serves; a program that does not say is followed unprepared.
    #[serde(default)]
    pub habits: Habits,
}

/// How the first program was started. Every one that follows is started alike, whatever the one before it made of that.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Origin {
    pub program: PathBuf,
    pub folder: PathBuf,
    pub environment: Vec<(String, String)>,
}

impl Offer {
    pub fn new(origin: Origin, habits: Habits) -> Self {
        Self { protocol: PROTOCOL, origin, descriptors: Vec::new(), given: Vec::new(), habits }
    }
}

/// What the old one says after the offer.
#[derive(Debug, Serialize, Deserialize)]
enum Word {
    Enter {
        counts: Vec<Count>,
        #[serde(flatten)]
        past: Past,
    },
    Take {
        question: u64,
        tenant: Uuid,
        limit: u32,
    },
    Mark {
        question: u64,
        /// The list of tables that the changes count by; a program that names none counts by one of its own.
        #[serde(default)]
        list: String,
        changes: Vec<(Uuid, u64)>,
    },
    Settle {
        question: u64,
    },
}

/// What the new one says.
#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    Ready(Version),
    Failed { reason: String },
    Entered,
    Taken { question: u64, is_admitted: bool, remaining: u32, left: i64 },
    Marked { question: u64, is_marked: bool },
}

/// Which program it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub version: String,
    pub commit: String,
}

/// The two ends of the socket: ours, and that for the new program's standard input, in which the offer lies already.
///
/// # Errors
/// When the kernel refuses.
pub fn offer(offer: &Offer, descriptors: &[BorrowedFd<'_>]) -> io::Result<(Socket, OwnedFd)> {
    let (ours, tsuccessors) = Socket::pair()?;
    let text = serde_json::to_vec(offer)?;
    if text.len() > LONGEST {
        return Err(io::Error::other("the environment is too long to hand on"));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut along = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !along.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other("too many descriptors to hand on"));
    }
    let sent = rustix::net::sendmsg(&ours, &[IoSlice::new(&text)], &mut along, SendFlags::DONTWAIT)?;
    if sent < text.len() {
        return Err(io::Error::other("the offer does not fit"));
    }
    Ok((ours, tsuccessors.into()))
}

/// Takes the socket off this program's standard input, and the offer out of it.
///
/// # Errors
/// When nobody offers anything there, or in another protocol.
pub fn accept() -> anyhow::Result<(Predecessor, Offer, Vec<OwnedFd>)> {
    let socket = Socket::from(io::stdin().as_fd().try_clone_to_owned()?);
    // What this program starts must not hold the socket.
    rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
    let mut text = vec![0; LONGEST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut along = RecvAncillaryBuffer::new(&mut space);
    let received =
        rustix::net::recvmsg(&socket, &mut [IoSliceMut::new(&mut text)], &mut along, RecvFlags::empty())
            .context("nobody hands anything on: --successor is for `tailtown reload`")?;
    let mut descriptors = Vec::new();
    for message in along.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            descriptors.extend(received);
        }
    }
    for descriptor in &descriptors {
        rustix::io::fcntl_setfd(descriptor, FdFlags::CLOEXEC)?;
    }
    let offer: Offer = serde_json::from_slice(&text[..received.bytes])
        .context("the running program hands on what this one does not know: restart instead of reloading")?;
    if offer.protocol != PROTOCOL {
        bail!(
            "the running program hands on by protocol {}, this one takes {PROTOCOL}: restart instead of reloading",
            offer.protocol
        );
    }
    ensure!(offer.descriptors.len() == descriptors.len(), "some of what was handed on got lost");
    socket.set_nonblocking(true)?;
    let (read, write) = UnixStream::from_std(socket)?.into_split();
    let words = BufReader::new(read).lines();
    Ok((Predecessor { words, replies: write, early: Vec::new() }, offer, descriptors))
}

/// The program that starts to be followed, as the new one sees it.
pub struct Predecessor {
    words: Lines<BufReader<OwnedReadHalf>>,
    replies: OwnedWriteHalf,
    /// What it asked before this program was let in, to be answered then.
    early: Vec<Word>,
}

impl Predecessor {
    /// Says why it cannot be followed.
    pub async fn refuse(&mut self, reason: String) {
        let _ = reply(&mut self.replies, &Reply::Failed { reason }).await;
    }

    /// Resolves when the old program went away: it says nothing before it was told that this one is ready.
    pub async fn gone(&mut self) {
        let _ = self.words.next_line().await;
    }

    /// Says that everything is ready, and waits to be let in.
    ///
    /// # Errors
    /// When the old program went away or changed its mind.
    pub async fn until_let_in(&mut self, version: Version, platform: &Platform) -> anyhow::Result<()> {
        reply(&mut self.replies, &Reply::Ready(version)).await?;
        loop {
            match next(&mut self.words).await {
                Ok(Some(Word::Enter { counts, past })) => {
                    platform.limits.restore(&counts);
                    platform.metrics.follow(past);
                    return Ok(());
                }
                // Told no, a write would have to wait until nobody keeps anything.
                Ok(Some(word)) => self.early.push(word),
                Ok(None) | Err(_) => bail!("the running program did not let this one take over"),
            }
        }
    }

    /// Says that this program serves, and answers the old one's questions until it has ended.
    pub async fn attend(mut self, platform: Platform) {
        if reply(&mut self.replies, &Reply::Entered).await.is_ok() {
            attend(self, platform).await;
        }
    }
}

async fn attend(predecessor: Predecessor, platform: Platform) {
    let Predecessor { mut words, mut replies, early } = predecessor;
    let mut early = early.into_iter();
    let (answers, mut waiting) = mpsc::unbounded_channel::<Reply>();
    let writer = async move {
        while let Some(answer) = waiting.recv().await {
            if reply(&mut replies, &answer).await.is_err() {
                return;
            }
        }
    };
    let marks: Arc<Mutex<HashMap<u64, Marks>>> = Arc::default();
    let reader = async move {
        while let Some(word) = match early.next() {
            Some(word) => Some(word),
            None => next(&mut words).await.ok().flatten(),
        } {
            match word {
                Word::Enter { .. } => {}
                Word::Take { question, tenant, limit } => {
                    let Taken { is_admitted, remaining, left } = platform.limits.take(tenant, limit).await;
                    let _ = answers.send(Reply::Taken { question, is_admitted, remaining, left });
                }
                Word::Mark { question, list, changes } => {
                    let made = platform.versions.mark_for_another(&list, &changes).await;
                    let is_marked = made.is_some();
                    let made = made.map(|made| (question, made));
                    marks.lock().unwrap_or_else(PoisonError::into_inner).extend(made);
                    let _ = answers.send(Reply::Marked { question, is_marked });
                }
                Word::Settle { question } => {
                    let made = marks.lock().unwrap_or_else(PoisonError::into_inner).remove(&question);
                    if let Some(made) = made {
                        made.settle().await;
                    }
                }
            }
        }
    };
    tokio::join!(writer, reader);
}

/// The new program, as the old one sees it before it is let in.
pub struct Candidate {
    replies: Lines<BufReader<OwnedReadHalf>>,
    words: OwnedWriteHalf,
}

impl Candidate {
    /// # Errors
    /// When the socket cannot be used.
    pub fn new(socket: Socket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let (read, words) = UnixStream::from_std(socket)?.into_split();
        Ok(Self { replies: BufReader::new(read).lines(), words })
    }

    /// Waits until it is ready. `None`: it went away without a word.
    ///
    /// # Errors
    /// Why it cannot serve, as it says itself.
    pub async fn ready(&mut self) -> anyhow::Result<Option<Version>> {
        match next(&mut self.replies).await {
            Ok(Some(Reply::Ready(version))) => Ok(Some(version)),
            Ok(Some(Reply::Failed { reason })) => bail!("{reason}"),
            Ok(None) | Err(_) => Ok(None),
            Ok(Some(other)) => bail!("it says {other:?} before it is ready"),
        }
    }

    /// From here on it can be asked, once it was let in, which it is with this past.
    pub fn successor(self, past: Past) -> (Successor, oneshot::Receiver<()>) {
        let Self { replies, words } = self;
        let (to_say, queue) = mpsc::unbounded_channel();
        let (entered, has_entered) = oneshot::channel();
        let waiting: Waiting = Arc::default();
        tokio::spawn(say(words, queue, waiting.clone()));
        tokio::spawn(listen(replies, waiting.clone(), entered));
        let (questions, past) = (AtomicU64::new(0), Mutex::new(past));
        (Successor(Arc::new(Line { to_say, waiting, questions, past })), has_entered)
    }
}

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Reply>>>>;

/// The new program once it serves: it holds the only truth, and the old one asks it. Copies share it.
#[derive(Clone)]
pub struct Successor(Arc<Line>);

struct Line {
    to_say: mpsc::UnboundedSender<Word>,
    waiting: Waiting,
    questions: AtomicU64,
    past: Mutex<Past>,
}

impl rate_limit::Successor for Successor {
    fn enter(&self, counts: Vec<Count>) {
        let past = std::mem::take(&mut *self.0.past.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = self.0.to_say.send(Word::Enter { counts, past });
    }

    fn take(&self, tenant: Uuid, limit: u32) -> BoxFuture<'_, Option<Taken>> {
        Box::pin(async move {
            match self.ask(|question| Word::Take { question, tenant, limit }).await? {
                (_, Reply::Taken { is_admitted, remaining, left, .. }) => {
                    Some(Taken { is_admitted, remaining, left })
                }
                _ => None,
            }
        })
    }
}

impl versions::Successor for Successor {
    fn mark<'a>(&'a self, list: &'a str, changes: Vec<(Uuid, u64)>) -> BoxFuture<'a, Option<u64>> {
        Box::pin(async move {
            let list = list.to_owned();
            match self.ask(|question| Word::Mark { question, list, changes }).await? {
                (question, Reply::Marked { is_marked: true, .. }) => Some(question),
                _ => None,
            }
        })
    }

    fn settle(&self, marks: u64) {
        let _ = self.0.to_say.send(Word::Settle { question: marks });
    }
}

impl Successor {
    async fn ask(&self, word: impl FnOnce(u64) -> Word) -> Option<(u64, Reply)> {
        let question = self.0.questions.fetch_add(1, Ordering::Relaxed);
        let (answered, answer) = oneshot::channel();
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(question, answered);
        self.0.to_say.send(word(question)).ok()?;
        let answer = timeout(PATIENCE, answer).await;
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&question);
        Some((question, answer.ok()?.ok()?))
    }
}

async fn say(mut words: OwnedWriteHalf, mut queue: mpsc::UnboundedReceiver<Word>, waiting: Waiting) {
    while let Some(word) = queue.recv().await {
        if reply(&mut words, &word).await.is_err() {
            break;
        }
    }
    drop(queue);
    // It is gone: nobody waits for an answer any more.
    waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

async fn listen(
    mut replies: Lines<BufReader<OwnedReadHalf>>,
    waiting: Waiting,
    entered: oneshot::Sender<()>,
) {
    let mut entered = Some(entered);
    while let Ok(Some(answer)) = next::<Reply>(&mut replies).await {
        let question = match &answer {
            Reply::Entered => {
                if let Some(entered) = entered.take() {
                    let _ = entered.send(());
                }
                continue;
            }
            Reply::Taken { question, .. } | Reply::Marked { question, .. } => *question,
            Reply::Ready(_) | Reply::Failed { .. } => continue,
        };
        let asked = waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&question);
        if let Some(asked) = asked {
            let _ = asked.send(answer);
        }
    }
    waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

async fn next<T: DeserializeOwned>(lines: &mut Lines<BufReader<OwnedReadHalf>>) -> anyhow::Result<Option<T>> {
    let line = lines.next_line().await?;
    Ok(line.map(|line| serde_json::from_str(&line)).transpose()?)
}

async fn reply(to: &mut OwnedWriteHalf, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line).await
}
