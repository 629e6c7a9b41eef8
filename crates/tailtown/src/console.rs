//! What commands share: the settings, the program's parts without serving, passwords from standard input, and output.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::Context;
use base::problem::Problem;
use base::settings::Setting;
use gateway::password::NewPassword;
use store::versions::Part;

use crate::config::{self, Config};
use crate::program::Program;
use crate::start::Ground;

/// The platform for a command that needs its tables and serves nobody.
pub(crate) async fn tools() -> anyhow::Result<(Program, Ground)> {
    let (config, _) = settings()?;
    let ground = Ground::join(&config).await?;
    let program = ground.program(config, Part::Command)?;
    match ground.check(&program).await {
        Ok(()) => Ok((program, ground)),
        Err(error) => {
            ground.leave().await;
            Err(error)
        }
    }
}

/// The settings from the environment and from `tailtown.toml` in the folder the program is started in.
pub(crate) fn settings() -> anyhow::Result<(Config, Vec<Setting>)> {
    let file = match std::fs::read_to_string("tailtown.toml") {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).context("tailtown.toml cannot be read"),
    };
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    Ok(config::read(&environment, file.as_deref())?)
}

pub(crate) fn choose_password(from_stdin: bool) -> anyhow::Result<(NewPassword, bool)> {
    if !from_stdin {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let letters = rand::random::<[u8; 20]>().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        return Ok((letters.iter().collect::<String>().into(), true));
    }
    let mut text = String::new();
    std::io::stdin()
        .take(4096)
        .read_to_string(&mut text)
        .context("the password cannot be read from standard input")?;
    Ok((text.trim_end_matches(['\r', '\n']).to_owned().into(), false))
}

pub(crate) fn tell_password(made: Option<&NewPassword>) {
    if let Some(password) = made {
        say(&format!("password {}   (shown this once)", password.reveal()));
    }
}

/// A problem, for a terminal.
pub(crate) fn told(problem: Problem) -> anyhow::Error {
    problem.into_error()
}

#[expect(clippy::print_stdout, reason = "a command's answer is its output")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Says on standard error why the program stops.
#[expect(clippy::print_stderr, reason = "the last words of a program that cannot go on")]
pub fn complain(error: &anyhow::Error) {
    eprintln!("tailtown: {error:#}");
}
