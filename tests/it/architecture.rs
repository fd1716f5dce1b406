//! Holds the dependency arrows of the crate: who may name whom. A new arrow is a decision, not an accident.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and the modules it may use besides itself.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("domain", &[] as &[&str]),
        ("words", &["domain"]),
        ("area", &["domain"]),
        ("lint", &["domain", "words"]),
        ("media", &["domain"]),
        ("sealing", &["domain"]),
        ("db", &["domain"]),
        ("config", &["db"]),
        ("channels", &["domain", "words", "config"]),
        ("smtp", &[]),
        ("catcher", &["smtp"]),
        ("mailbox", &["config", "app", "smtp"]),
        ("simulators", &[]),
        ("app", &["domain", "words", "area", "lint", "media", "sealing", "db", "config", "channels"]),
        ("worker", &["domain", "words", "config", "channels", "app", "db"]),
        ("http", &["domain", "words", "area", "lint", "config", "app", "db", "sealing", "media"]),
        (
            "cli",
            &[
                "domain",
                "words",
                "area",
                "lint",
                "media",
                "sealing",
                "db",
                "config",
                "channels",
                "catcher",
                "mailbox",
                "simulators",
                "app",
                "worker",
                "http",
            ],
        ),
    ])
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn files() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&root).unwrap().display().to_string();
            let module = relative.split(['/', '.']).next().unwrap().to_owned();
            (module, relative, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The modules a source text names as `crate::module`.
fn named(text: &str) -> impl Iterator<Item = String> + '_ {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => group.split(',').map(|part| part.trim().to_owned()).collect(),
            None => vec![rest],
        })
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

#[test]
fn dependencies_point_one_way() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (module, file, text) in files() {
        if module == "lib" || module == "main" {
            continue;
        }
        let may =
            allowed.get(module.as_str()).unwrap_or_else(|| panic!("src/{file}: module `{module}` is not in the table"));
        for target in named(&text) {
            if target != module && allowed.contains_key(target.as_str()) && !may.contains(&target.as_str()) {
                wrong.push(format!("src/{file}: {module} -> {target} is not an allowed arrow"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_domain_is_pure() {
    let outside = [
        "diesel",
        "actix_web",
        "reqwest",
        "lettre",
        "tokio",
        "serde::",
        "std::fs",
        "std::net",
        "std::env",
        "Utc::now",
        "SystemTime",
        "async fn",
        "getrandom",
    ];
    for (module, file, text) in files() {
        // Which schedules a test plays is told from outside.
        if module == "domain" && !file.ends_with("/simulation.rs") {
            for name in outside {
                // Tests may be told by the environment how many cases to play.
                let is_allowed = name == "std::env" && file.ends_with("tests.rs");
                assert!(is_allowed || !text.contains(name), "src/{file} uses {name}");
            }
        }
    }
}

#[test]
fn sql_stays_in_db_and_only_channels_and_media_talk_to_the_outside() {
    for (module, file, text) in files() {
        if module != "db" {
            assert!(!text.contains("diesel::") && !text.contains("per_backend!"), "src/{file} uses diesel");
        }
        if !["channels", "media", "cli"].contains(&module.as_str()) {
            assert!(!text.contains("reqwest::") && !text.contains("lettre::"), "src/{file} calls the outside");
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (_, file, text) in files() {
        assert!(text.starts_with("//!"), "src/{file} does not open with //!");
    }
}

/// Codes that stand in quotes after a mark.
fn quoted<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = String> + 'a {
    let is_code = |code: &String| !code.is_empty() && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    text.split(mark).skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).filter(is_code)
}

#[test]
fn every_code_the_api_can_name_has_words_in_every_language() {
    use tocsin::words::{Locale, Words};
    let mut keys = std::collections::BTreeSet::new();
    for (_, file, text) in files() {
        let marks: &[(&str, &str)] = &[
            ("problem", "Forbidden { code: \""),
            ("problem", "Conflict { code: \""),
            ("fault", "Fault::at(pointer, \""),
            ("fault", "r.fault(key, \""),
        ];
        for (family, mark) in marks {
            keys.extend(quoted(&text, mark).map(|code| format!("{family}-{code}")));
        }
        for mark in ["Fault::at(\"", "r.fault(\""] {
            for part in text.split(mark).skip(1) {
                let code = part.split('"').nth(2).unwrap_or_default();
                if code != "digest"
                    && !code.is_empty()
                    && code.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit())
                {
                    keys.insert(format!("fault-{code}"));
                }
            }
        }
        if file == "domain/refusal.rs" {
            keys.extend(quoted(&text, "=> \"").map(|code| format!("refusal-{code}")));
        }
    }
    assert!(keys.len() > 70, "{} codes found: the marks no longer fit the code", keys.len());
    let missing: Vec<_> =
        keys.iter().filter(|key| Locale::ALL.iter().any(|locale| !Words::of(*locale).knows(key))).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
}

#[test]
fn stories_that_run_on_one_database_alone_ask_none() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = fs::read_to_string(root.join("tests/run")).unwrap();
    let skipped: Vec<&str> = run.split("--skip ").skip(1).map(|rest| rest.split("::").next().unwrap()).collect();
    assert!(!skipped.is_empty(), "nothing is skipped any more: this test has done its duty");
    let mut files = Vec::new();
    for module in skipped {
        let (file, folder) = (format!("tests/it/{module}.rs"), root.join("tests/it").join(module));
        if folder.is_dir() {
            sources(&folder, &mut files);
        } else {
            files.push(root.join(file));
        }
    }
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for word in ["TestApp", "Db::", "database(", "TOCSIN_TEST_DATABASE"] {
            assert!(!text.contains(word), "{} asks a database: {word}", file.display());
        }
    }
}
