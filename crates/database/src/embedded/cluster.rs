//! The folder of the cluster: creates it if it is empty, writes the settings, and never overwrites data.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use super::error::{EmbeddedError, Result, failure, refusal};
use super::install::{Installation, User};
use super::run::run;
use super::settings::{Durability, Settings};

/// Files and folders without which PostgreSQL does not start, and which it does not create itself.
const PARTS: [&str; 7] =
    ["PG_VERSION", "global/pg_control", "base", "pg_wal", "pg_xact", "pg_multixact", "postgresql.conf"];

/// Whether the folder holds a complete cluster; `false` if it is empty.
///
/// # Errors
/// When the folder holds something else, or an incomplete cluster.
pub(super) fn exists(data: &Path) -> Result<bool> {
    let damaged = |what: String| Err(EmbeddedError::Damaged { folder: data.to_owned(), what });
    let is_empty = fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty {
        return Ok(false);
    }
    if let Some(missing) = PARTS.iter().find(|part| !data.join(part).exists()) {
        return damaged(format!("it has no {missing}"));
    }
    let version = fs::read_to_string(data.join("PG_VERSION")).unwrap_or_default();
    if version.trim().parse::<u32>().is_err() {
        return damaged("its PG_VERSION holds no version".to_owned());
    }
    Ok(true)
}

/// Creates a folder that belongs to the server's user and that nobody else can enter.
pub(super) fn own_folder(folder: &Path, user: &User) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    // In a folder that everyone can write to, such as /tmp, someone else may have put a link here.
    if fs::symlink_metadata(folder)?.is_symlink() {
        return Err(std::io::Error::other("it is a symbolic link"));
    }
    if let Some((uid, gid)) = user.drop_to {
        chown(folder, Some(uid), Some(gid))?;
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// Creates a cluster in `data` with initdb.
pub(super) async fn create(installation: &Installation, user: &User, data: &Path) -> Result<()> {
    tracing::info!(folder = %data.display(), "creating a private database cluster");
    // Created in another folder and moved when it is complete. Each attempt has its own folder, because the initdb of a killed
    // program may still be running.
    let home = data.parent().unwrap_or(data);
    let refused = |error: std::io::Error| refusal(home, &user.name, &error);
    for entry in fs::read_dir(home).map_err(refused)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("cluster-") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let making = home.join(format!("cluster-{}", std::process::id()));
    own_folder(&making, user).map_err(refused)?;
    let mut command = user.command(&installation.program("initdb"));
    // C.UTF-8 knows upper and lower case, and its sort order does not depend on the version of the C library.
    command.args([
        "--username",
        &user.name,
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--auth=trust",
        "--data-checksums",
    ]);
    let (made, reason) = run(command.kill_on_drop(true).arg("-D").arg(&making)).await?;
    if made {
        return fs::rename(&making, data).map_err(refused);
    }
    let _ = fs::remove_dir_all(&making);
    Err(failure("create its cluster", data, &reason))
}

/// Writes the settings, with each start, to a file that postgresql.conf includes. The log contains no rows, no parameters and no
/// text of failed statements, because they hold names and addresses.
pub(super) fn configure(data: &Path, socket: &Path, settings: &Settings) -> std::io::Result<()> {
    let safe = match settings.durability {
        Durability::Safe => "on",
        Durability::None => "off",
    };
    let text = format!(
        "listen_addresses = ''\nunix_socket_directories = '\"{socket}\"'\nunix_socket_permissions = 0700\n\
         max_connections = {connections}\nshared_buffers = 128MB\njit = off\n\
         fsync = {safe}\nsynchronous_commit = {safe}\nfull_page_writes = {safe}\n\
         logging_collector = on\nlog_directory = 'log'\nlog_filename = 'postgresql-%a.log'\nlog_rotation_age = 1d\n\
         log_truncate_on_rotation = on\nlog_line_prefix = '%m [%p] %a '\nlog_min_duration_statement = 500ms\n\
         log_file_mode = 0600\nlog_error_verbosity = terse\nlog_min_error_statement = panic\n\
         log_parameter_max_length = 0\nlog_parameter_max_length_on_error = 0\n",
        socket = socket.display().to_string().replace('\\', r"\\").replace('\'', "''").replace('"', "\"\""),
        connections = settings.max_connections,
    );
    let own = data.join("tailtown.conf");
    fs::write(&own, text)?;
    // The server may run as another user, who must read it; nobody else can enter the folder.
    fs::set_permissions(&own, Permissions::from_mode(0o644))?;
    let main = data.join("postgresql.conf");
    let include = "include = 'tailtown.conf'";
    if !fs::read_to_string(&main)?.contains(include) {
        writeln!(File::options().append(true).open(&main)?, "\n{include}")?;
    }
    Ok(())
}
