//! A private PostgreSQL cluster for one test run: started on first use, a database per test, gone afterwards even
//! when the test process is killed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Cluster {
    folder: PathBuf,
    settings: String,
    next: AtomicU32,
    /// Holds the watchdog's standard input open; the end of this process closes it and ends the cluster.
    _watchdog: Child,
}

/// The cluster of this run.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start(""))
}

fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| path.exists())
        .max()
        .unwrap_or_else(|| PathBuf::from(name))
}

/// `initdb` refuses root, so root hands over to Debian's unprivileged user.
fn unprivileged(program: &Path) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"));
    if root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn run(command: &mut Command) {
    let out = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(out.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&out.stderr));
}

impl Cluster {
    /// A cluster of a story's own, which it may stop and start; gone with the value.
    pub fn own() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self::start(&format!("-own{}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    fn start(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("tocsin-pg-{}{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        // Whoever runs the server must own the folder; a world-writable parent with a private child gives that to any user.
        std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let data = folder.join("data");
        run(unprivileged(&program("initdb"))
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=tocsin", "-D"])
            .arg(&data));
        let settings = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off -c max_connections=400",
            folder.display()
        );
        Self::control(&folder, &settings, &["start"]);
        let mut watchdog = Command::new("sh");
        watchdog
            .arg("-c")
            .arg("trap '' INT TERM; read _; kill -INT $(head -1 \"$1/data/postmaster.pid\"); sleep 1; rm -rf \"$1\"")
            .arg("sh")
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let cluster = Self { folder, settings, next: AtomicU32::new(0), _watchdog: watchdog.spawn().unwrap() };
        cluster.sql("postgres", "CREATE DATABASE template_tocsin");
        let template = tocsin::db::DatabaseUrl::parse(&cluster.url("template_tocsin")).unwrap();
        let db = tocsin::db::Db::open(template, 2).unwrap();
        db.bare(tocsin::db::migrate).unwrap();
        drop(db);
        cluster
    }

    fn control(folder: &Path, settings: &str, what: &[&str]) {
        run(unprivileged(&program("pg_ctl"))
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-w", "-t", "60", "-l"])
            .arg(folder.join("log"))
            .arg("-o")
            .arg(settings)
            .args(what));
    }

    /// Stops the server (`fast`: connections are cut; `immediate`: as if it had crashed), and after a while starts it again.
    pub fn restart(&self, how: &str, away: std::time::Duration) {
        Self::control(&self.folder, &self.settings, &["stop", "-m", how]);
        std::thread::sleep(away);
        Self::control(&self.folder, &self.settings, &["start"]);
    }

    fn url(&self, name: &str) -> String {
        format!("postgres://tocsin@/{name}?host={}", self.folder.display())
    }

    fn sql(&self, database: &str, statement: &str) {
        let mut child = Command::new("psql")
            .args(["-v", "ON_ERROR_STOP=1", "-q", &self.url(database)])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("psql is installed with PostgreSQL");
        child.stdin.take().unwrap().write_all(statement.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{statement}");
    }

    /// Where the cluster keeps everything.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A fresh database with nothing in it; its URL.
    pub fn empty(&self) -> String {
        let name = format!("e{}", self.next.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// A fresh database with the migrations already run; its URL.
    pub fn database(&self) -> String {
        let name = format!("t{}", self.next.fetch_add(1, Ordering::Relaxed));
        // Connections to the template (a pool closing late) make the copy fail for a moment.
        self.sql("postgres", &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='template_tocsin'; CREATE DATABASE {name} TEMPLATE template_tocsin"));
        self.url(&name)
    }
}
