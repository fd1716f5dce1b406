//! Every command of the README's walk-through works as written.

use std::process::Command;

#[test]
fn the_walk_through_of_the_readme_works_as_written() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let walk = readme.split("## Walk-through").nth(1).unwrap().split("\n## ").next().unwrap();
    let script: String = walk.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    let out = Command::new("bash")
        .args(["-c", &script])
        .env("TOCSIN", env!("CARGO_BIN_EXE_tocsin"))
        .env("TOCSIN_KEYS__CHEAP_PASSWORDS_FOR_TESTS", "true")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let (said, words) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    let lines: Vec<&str> = said.lines().collect();
    assert!(out.status.success(), "{said}\n{words}");
    assert_eq!(lines[..4], ["triggered", "submitted", "submitted", "validated"], "{said}\n{words}");
    assert!(lines[4].contains("/fr/a/"), "{said}");
    assert_eq!(lines[5], "Gezien aan de tramhalte van Kraainem, om vijf uur.", "{said}\n{words}");
    assert_eq!(lines[6..8], ["suspended", "410"], "{said}");
    assert!(lines[8].ends_with("unbroken"), "{said}");
}

#[test]
fn the_paid_part_of_the_readme_works_as_written() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let part = readme.split("## Paid advertising").nth(1).unwrap().split("\n## ").next().unwrap();
    let script: String = part.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    let out = Command::new("bash")
        .args(["-c", &script])
        .env("TOCSIN", env!("CARGO_BIN_EXE_tocsin"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let (said, words) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    let lines: Vec<&str> = said.lines().collect();
    assert!(out.status.success(), "{said}\n{words}");
    assert!(lines[0].starts_with("meta_ads:1001") && lines[0].contains(" ok "), "{said}\n{words}");
    assert!(lines[1].contains("FAILED  token") && lines[2] == "exit code 1", "{said}\n{words}");
    assert!(words.contains("L’accès au compte publicitaire a expiré"), "{words}");
    assert!(lines[3].contains("0 campaign(s), 0 effect(s)"), "nothing is made by a check: {said}");
}
