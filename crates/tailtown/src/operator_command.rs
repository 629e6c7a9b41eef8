//! `tailtown operator create | list | deactivate | reset`: the people who run the platform.

use clap::Subcommand;
use garde::Validate;
use gateway::doors::PlatformScope;

use crate::console::{choose_password, say, tell_password, told, tools};
use crate::features::operators;
use crate::program::Program;

#[derive(Subcommand)]
pub(crate) enum Operator {
    /// Add an operator.
    Create {
        email: String,
        #[arg(long)]
        name: String,
        /// Read the password from standard input; without this one is made and printed.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the operators.
    List,
    /// Deactivate an operator: the sessions end at once, and no login is accepted.
    Deactivate { email: String },
    /// Give an operator a new password, remove the second factor, and end the sessions.
    Reset {
        email: String,
        /// Read the password from standard input; without this one is made and printed.
        #[arg(long)]
        password_stdin: bool,
    },
}

pub(crate) async fn run(command: Operator) -> anyhow::Result<()> {
    let (program, ground) = tools().await?;
    let result = on_platform(&program, command).await;
    ground.leave().await;
    result
}

async fn on_platform(program: &Program, command: Operator) -> anyhow::Result<()> {
    let begin = async || {
        PlatformScope::of_command(&program.database, "operator command", program.clock.now())
            .await
            .map_err(told)
    };
    match command {
        Operator::Create { email, name, password_stdin } => {
            let (password, made) = choose_password(password_stdin)?;
            let new = operators::NewOperator { name: name.into(), email: email.into(), password };
            new.validate()?;
            // Before the transaction: hashing takes long.
            let hash = new.chosen_password().and_then(|chosen| chosen.digest()).map_err(told)?;
            let scope = begin().await?;
            let added = operators::create(&scope, &new, &hash).await.map_err(told)?;
            scope.commit().await.map_err(told)?;
            say(&format!("created operator {}", added.email));
            tell_password(made.then_some(&new.password));
        }
        Operator::List => {
            let scope = begin().await?;
            let mut after = String::new();
            loop {
                let page = operators::page(&scope, &after, 100).await.map_err(told)?;
                let Some(last) = page.last() else { break };
                after.clone_from(&last.email);
                for operator in &page {
                    let state = if operator.is_active { "active" } else { "deactivated" };
                    let factor = if operator.second_factor { "second factor" } else { "password only" };
                    let operators::Operator { email, id, name, .. } = operator;
                    say(&format!("{email:<40} {state:<12} {factor:<14} {id} {name}"));
                }
            }
        }
        Operator::Deactivate { email } => {
            let scope = begin().await?;
            let operator = operators::with_email(&scope, &email).await.map_err(told)?;
            operators::deactivate_one(&scope, operator.id).await.map_err(told)?;
            scope.commit().await.map_err(told)?;
            say(&format!("{} is deactivated, and signed out everywhere", operator.email));
        }
        Operator::Reset { email, password_stdin } => {
            let (password, made) = choose_password(password_stdin)?;
            password.validate()?;
            let operator = operators::with_email(&begin().await?, &email).await.map_err(told)?;
            let chosen = password.clone().chosen("password", &[&operator.email]).map_err(told)?;
            let hash = chosen.digest().map_err(told)?;
            let scope = begin().await?;
            let had_factor = operators::remove_lost(&scope, operator.id).await.map_err(told)?;
            operators::reset_one(&scope, &operator, &hash).await.map_err(told)?;
            scope.commit().await.map_err(told)?;
            let factor = if had_factor { ", has no second factor any more," } else { "" };
            say(&format!("{} has a new password{factor} and is signed out everywhere", operator.email));
            tell_password(made.then_some(&password));
        }
    }
    Ok(())
}
