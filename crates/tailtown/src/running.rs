//! The running program: it serves until it is told to stop, or until the new one that it was told to start has taken over.

use std::fs::File;
use std::sync::atomic::Ordering;

use anyhow::bail;
use axum::Router;
use database::migrate;
use gateway::server::Server;
use observe::metrics::{admin, sampling};
use store::versions::Part;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::app;
use crate::backup_schedule::keep_backups;
use crate::config::Config;
use crate::listeners::{self, ADMIN, Listener};
use crate::pid_file::{PidFile, Serving};
use crate::program::Program;
use crate::reload::{self, Estate, Inheritance};
use crate::start::Ground;
use crate::succession::{Origin, Predecessor, Version};
use crate::sweep;

/// A program that has everything it needs and listens.
pub(crate) struct Running {
    program: Program,
    ground: Ground,
    origin: Origin,
    listeners: Vec<Listener>,
    pid_file: Option<PidFile>,
    signals: Signals,
    /// The lock of the private database that the program before this one hands on.
    postgres: Option<File>,
}

/// Connections to the database that are enough for what is under way.
const FEW: usize = 4;

/// The nice value of what has time.
const LEAST_URGENT: i32 = 19;

/// How it ends.
enum End {
    Stopped,
    HandedOn,
}

impl Running {
    /// Prepares the ground, checks it, and listens last. A private database is migrated on the way: nobody else could do it.
    ///
    /// # Errors
    /// Why the program cannot serve; a private server that it started is stopped again.
    pub(crate) async fn build(config: Config, inheritance: Option<&mut Inheritance>) -> anyhow::Result<Self> {
        let signals = Signals::listen()?;
        let Some(inheritance) = inheritance else {
            let (origin, wanted) = (reload::origin()?, listeners::wanted(&config));
            let given = listeners::given(&config.systemd.listeners, &wanted)?;
            // Before a database is made for nothing.
            listeners::must_be_free(&wanted, &given)?;
            let ground = Ground::prepare(&config).await?;
            return Self::on(ground, config, origin, given, None, signals).await;
        };
        let origin = inheritance.origin.clone();
        let (open, pid_file) = (std::mem::take(&mut inheritance.listeners), inheritance.pid_file.take());
        let (postgres, habits) = (inheritance.postgres.take(), std::mem::take(&mut inheritance.habits));
        let built = async {
            let ground = Ground::join(&config).await?;
            let built = Self::on(ground, config, origin, open, pid_file, signals).await?;
            let program = &built.program;
            let places = program.line.stats().limit as usize;
            match program.database.take_up(&habits, places).await {
                Ok((statements, connections)) => {
                    // Whoever finds all of them taken waits for one of these rather than for another that is not ready.
                    program.line.begin_with(connections);
                    tracing::info!(statements, connections, "planned what is usual");
                }
                // The first who ask wait a little longer.
                Err(problem) => tracing::warn!(%problem, "cannot plan what is usual"),
            }
            anyhow::Ok(built)
        };
        tokio::select! {
            built = built => Ok(Self { postgres, ..built? }),
            () = inheritance.predecessor.gone() => bail!("the program that was to be followed is gone"),
        }
    }

    async fn on(
        ground: Ground,
        config: Config,
        origin: Origin,
        open: Vec<Listener>,
        pid_file: Option<File>,
        signals: Signals,
    ) -> anyhow::Result<Self> {
        let built = async {
            let program = ground.program(config, Part::Node)?;
            if matches!(ground, Ground::Private(_)) && !is_migrated(&program).await {
                migrate::deploy(&ground.owner()?, &program.migrations).await?;
            }
            ground.check(&program).await?;
            let config = &program.config;
            let listeners = listeners::open(&listeners::wanted(config), open).await?;
            let pid_file = match pid_file {
                Some(file) => Some(PidFile::inherit(file, config)?),
                None => PidFile::take(config).await?,
            };
            Ok((program, listeners, pid_file))
        };
        match built.await {
            Ok((program, listeners, pid_file)) => {
                Ok(Self { program, ground, origin, listeners, pid_file, signals, postgres: None })
            }
            Err(error) => {
                ground.leave().await;
                Err(error)
            }
        }
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// Does `work` before serving; `None` when told to stop meanwhile.
    pub(crate) async fn unless_stopped<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.signals.stop() => None,
        }
    }

    /// Leaves the ground without having served.
    pub(crate) async fn leave(self) {
        self.program.database.close();
        self.ground.leave().await;
    }

    /// Serves until SIGTERM or SIGINT, or until the program that SIGUSR2 starts has taken over; finishes what is under way, and
    /// leaves the ground as it was found, or to that program. A second signal to stop ends the wait.
    ///
    /// # Errors
    /// When the program before this one did not let it take over. A stop is a success even when requests were cut off at the
    /// limit, which is logged.
    pub(crate) async fn until_stopped(mut self, predecessor: Option<Predecessor>) -> anyhow::Result<()> {
        let (server, followed) = (Server::new(&self.program.config.gateway), predecessor.is_some());
        // Before it is let in: whoever comes from then on until it listens has to wait.
        let services =
            || self.listeners.iter().map(|listener| self.service(&listener.name)).collect::<Vec<Router>>();
        let services = if followed { aside(services) } else { services() };
        let mut before = JoinSet::new();
        if let Some(mut predecessor) = predecessor {
            predecessor.until_let_in(self.version(), &self.program.platform).await?;
            if let Some(lock) = self.postgres.take() {
                self.ground.inherit(lock);
            }
            self.announce(&server, services)?;
            before.spawn(predecessor.attend(self.program.platform.clone()));
        } else {
            self.announce(&server, services)?;
        }
        let mut duties = Duties::take_up(&self.program, &self.ground);
        let counting = Counting::begin(&self.program);
        let systemd = self.program.config.systemd.clone();
        // One that follows another is introduced by that one, whom systemd still believes.
        if !followed {
            systemd.tell("READY=1\nSTATUS=serving");
        }
        let end = loop {
            if !self.signals.reload().await {
                break End::Stopped;
            }
            systemd.tell_reloading();
            match self.reload(&server, &mut duties).await {
                Some(Ok(pid)) => {
                    systemd.tell(&format!("MAINPID={pid}\nREADY=1\nSTATUS=serving"));
                    break End::HandedOn;
                }
                Some(Err(error)) => {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "the reload failed: this program goes on serving"
                    );
                    systemd.tell("READY=1\nSTATUS=serving; the last reload failed");
                    self.stand(|serving| {
                        serving.under_way = false;
                        serving.failure = Some(format!("{error:#}"));
                    });
                }
                None => break End::Stopped,
            }
        };
        match end {
            End::Stopped => self.stop(&server, duties, counting).await,
            End::HandedOn => self.hand_on(&server, before, counting).await,
        }
        tracing::info!("stopped");
        Ok(())
    }

    /// Takes requests in, and says so.
    fn announce(&self, server: &Server, services: Vec<Router>) -> anyhow::Result<()> {
        for (listener, service) in self.listeners.iter().zip(services) {
            let address = listener.socket.local_addr()?;
            let (version, commit) = (self.program.about.version, self.program.about.commit);
            tracing::info!(listener = listener.name, %address, version, commit, "listening");
            server.serve(TcpListener::from_std(listener.socket.try_clone()?)?, service);
        }
        let before = self.pid_file.as_ref().and_then(PidFile::read);
        let address = self.listeners.first().map(|listener| listener.socket.local_addr()).transpose()?;
        let serving = Serving {
            pid: std::process::id(),
            program: self.origin.program.clone(),
            address: address.map(|address| address.to_string()).unwrap_or_default(),
            version: self.version(),
            reloads: before.map_or(0, |before| before.reloads),
            under_way: false,
            failure: None,
        };
        if let Some(file) = &self.pid_file {
            file.write(&serving);
        }
        Ok(())
    }

    /// What answers on a listener.
    fn service(&self, listener: &str) -> Router {
        if listener == ADMIN {
            return admin::routes(&self.program.metrics, self.program.config.admin_host.is_loopback());
        }
        app::service(&self.program)
    }

    fn version(&self) -> Version {
        Version {
            version: self.program.about.version.to_owned(),
            commit: self.program.about.commit.to_owned(),
        }
    }

    /// Changes what the pid file says.
    fn stand(&self, change: impl FnOnce(&mut Serving)) {
        if let Some(file) = &self.pid_file
            && let Some(mut serving) = file.read()
        {
            change(&mut serving);
            file.write(&serving);
        }
    }

    /// Starts the new program and lets it in when it is ready; its process. `None` when told to stop meanwhile.
    ///
    /// # Errors
    /// Why the new program does not serve: this one does, as before.
    async fn reload(&mut self, server: &Server, duties: &mut Duties) -> Option<anyhow::Result<u32>> {
        tracing::info!(program = %self.origin.program.display(), "reloading");
        self.stand(|serving| {
            serving.reloads += 1;
            serving.under_way = true;
            serving.failure = None;
        });
        let estate = Estate {
            origin: &self.origin,
            listeners: &self.listeners,
            pid_file: self.pid_file.as_ref(),
            postgres: self.ground.lock(),
            habits: self.program.database.habits(),
        };
        let ready = tokio::select! {
            ready = reload::raise(&estate, self.program.config.reload) => ready,
            () = self.signals.stop() => return None,
        };
        let entering = match ready {
            Ok(ready) => ready.entering(self.program.metrics.past()),
            Err(error) => return Some(Err(error)),
        };
        let (versions, limits) = (&self.program.versions, &self.program.limits);
        duties.lay_down().await;
        versions.cede(entering.successor()).await;
        server.hold();
        limits.cede(entering.successor());
        let entered = entering.entered().await;
        if entered.is_err() {
            limits.reclaim();
            versions.reclaim();
            *duties = Duties::take_up(&self.program, &self.ground);
            server.resume();
        }
        Some(entered)
    }

    /// Everything is the new program's; this one answers who is still connected.
    async fn hand_on(mut self, server: &Server, mut before: JoinSet<()>, counting: Counting) {
        tracing::info!("the new program serves: finishing the requests under way");
        self.listeners.clear();
        drop((self.pid_file, self.ground));
        let limit = self.program.config.drain;
        let finish = async {
            tokio::select! {
                finished = server.hand_on(limit) => finished,
                () = self.signals.stop() => tokio::select! {
                    finished = server.stop(limit) => finished,
                    () = self.signals.stop() => false,
                },
            }
        };
        let (finished, ()) = tokio::join!(finish, self.program.database.shrink(FEW));
        if !finished {
            tracing::warn!("requests were still under way and were cut off");
        }
        // The program before this one asks this one, which asks the next.
        let _ = timeout(limit, before.join_next()).await;
        counting.end().await;
        self.program.versions.close().await;
        self.program.database.shrink(0).await;
        self.program.database.close();
    }

    async fn stop(mut self, server: &Server, mut duties: Duties, counting: Counting) {
        tracing::info!("stopping: finishing the requests under way");
        self.program.config.systemd.tell("STOPPING=1");
        self.program.about.draining.store(true, Ordering::SeqCst);
        self.listeners.clear();
        let finished = tokio::select! {
            finished = server.stop(self.program.config.drain) => finished,
            () = self.signals.stop() => false,
        };
        if !finished {
            tracing::warn!("requests were still under way and were cut off");
        }
        duties.lay_down().await;
        counting.end().await;
        self.program.database.close();
        self.ground.leave().await;
        if let Some(file) = self.pid_file {
            file.clear();
        }
    }
}

async fn is_migrated(program: &Program) -> bool {
    program.database.verify_schema(&program.migrations).await.is_ok_and(|schema| schema.is_ok())
}

/// Does `work` on a thread of its own that gives way to everything else.
fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let working = scope.spawn(|| {
            let _ = rustix::process::setpriority_process(None, LEAST_URGENT);
            work()
        });
        working.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// What only one program does at a time, beside answering.
struct Duties {
    background: JoinSet<()>,
    /// Tells those below to end.
    ending: CancellationToken,
    heart: Option<JoinHandle<()>>,
    /// Over the private database.
    watch: Option<JoinHandle<()>>,
}

impl Duties {
    fn take_up(program: &Program, ground: &Ground) -> Self {
        let (versions, ending) = (program.versions.clone(), CancellationToken::new());
        let still = ending.clone();
        let heart = Some(tokio::spawn(async move { versions.keep_beating(still).await }));
        let mut background = keep_backups(program, ground);
        background.spawn(sweep::keep(program.platform.clone()));
        let watch = ground.watch(ending.clone());
        Self { background, ending, heart, watch }
    }

    async fn lay_down(&mut self) {
        self.background.abort_all();
        self.ending.cancel();
        for duty in [self.heart.take(), self.watch.take()].into_iter().flatten() {
            let _ = duty.await;
        }
    }
}

/// What was asked for is counted to the last answer, whoever serves by then.
struct Counting {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Counting {
    fn begin(program: &Program) -> Self {
        let stop = CancellationToken::new();
        let (metrics, database) = (program.metrics.clone(), program.database.clone());
        let task = tokio::spawn(sampling::keep(metrics, database, program.redis.clone(), stop.clone()));
        Self { stop, task }
    }

    async fn end(self) {
        self.stop.cancel();
        let _ = self.task.await;
    }
}

/// What tells the program to stop, and to reload.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    reload: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            reload: signal(SignalKind::user_defined2())?,
        })
    }

    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Whether it was told to reload, and not to stop.
    async fn reload(&mut self) -> bool {
        tokio::select! {
            _ = self.reload.recv() => true,
            _ = self.terminate.recv() => false,
            _ = self.interrupt.recv() => false,
        }
    }
}
