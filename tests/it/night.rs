//! At night nobody reads: whoever writes by mail is told so once a night, by no more than that, and machines never are.

use crate::support::TestApp;
use crate::support::workers::count;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use tocsin::app::inbound_mail::{self, Letter, Recipient};
use tocsin::words::Zone;

fn now(app: &TestApp) -> DateTime<Utc> {
    app.app.db.read_now(|conn| app.app.clock.now(conn)).unwrap()
}

/// Moves the clock forward to the next time Brussels shows this.
pub fn set_clock(app: &TestApp, hour: u32, minute: u32) {
    let local = Zone::Brussels.wall_clock(now(app));
    let wanted = i64::from(hour * 60 + minute) * 60;
    let seconds = (wanted - i64::from(local.num_seconds_from_midnight())).rem_euclid(24 * 3600);
    app.app.clock.advance(TimeDelta::seconds(seconds));
}

/// Moves the clock forward to a moment.
fn set_moment(app: &TestApp, at: &str) {
    app.app.clock.advance(at.parse::<DateTime<Utc>>().unwrap() - now(app));
}

async fn hand(app: &TestApp, number: usize, from: &str, head: &str) {
    let raw = format!(
        "From: <{from}>\r\nTo: tips@police.example.be\r\nSubject: Geheim {number}\r\nMessage-ID: <n{number}@mail.example.be>\r\n\
         {head}\r\nText {number} about a red car"
    );
    let letter = Letter::read(raw.as_bytes(), None).unwrap();
    inbound_mail::deliver(&app.app, &letter, &Recipient::Letterbox).await.unwrap();
}

fn queued(app: &TestApp) -> i64 {
    count(app, "SELECT COUNT(*) AS n FROM letters WHERE answers IS NOT NULL")
}

#[actix_web::test]
async fn a_sender_by_mail_is_told_once_a_night_between_midnight_and_six() {
    let app = TestApp::start().await;
    app.live().await;
    set_clock(&app, 23, 58);
    set_clock(&app, 23, 59);
    hand(&app, 1, "anna@mail.example.be", "").await;
    assert_eq!(queued(&app), 0, "23:59");
    set_clock(&app, 0, 0);
    hand(&app, 2, "anna@mail.example.be", "").await;
    assert_eq!(queued(&app), 1, "00:00");
    hand(&app, 3, "Anna@Mail.example.be", "").await;
    set_clock(&app, 5, 59);
    hand(&app, 4, "anna@mail.example.be", "").await;
    assert_eq!(queued(&app), 1, "one a sender and night");
    hand(&app, 5, "bert@mail.example.be", "").await;
    assert_eq!(queued(&app), 2, "05:59, somebody else");
    set_clock(&app, 6, 0);
    hand(&app, 6, "carla@mail.example.be", "").await;
    assert_eq!(queued(&app), 2, "06:00");
    assert_eq!(
        count(&app, "SELECT COUNT(*) AS n FROM night_acknowledgements WHERE sender LIKE '%anna%' OR sender LIKE '%@%'"),
        0
    );
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM night_acknowledgements"), 2);
    set_clock(&app, 0, 30);
    hand(&app, 7, "anna@mail.example.be", "").await;
    assert_eq!(queued(&app), 3, "the next night");

    app.work().await;
    let mails = app.mails_to("anna@mail.example.be");
    assert_eq!(mails.len(), 2);
    let mail = &mails[0];
    for part in ["Auto-Submitted: auto-replied", "In-Reply-To: <n2@mail.example.be>", "112", "101"] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    for part in ["Geheim", "red car", "Lina"] {
        assert!(!mail.contains(part), "nothing of what was written, nor about what: {mail}");
    }
    let caught = app.catcher.mails().into_iter().find(|mail| mail.to == ["anna@mail.example.be"]).unwrap();
    assert_eq!(caught.from, "", "no sender that a bounce could come back to");
    assert_eq!(queued(&app), 0, "the addresses go with the letters");
    // Two nights later nobody remembers whom was told.
    app.app.clock.advance(TimeDelta::days(3));
    set_clock(&app, 1, 0);
    hand(&app, 8, "dora@mail.example.be", "").await;
    assert_eq!(count(&app, "SELECT COUNT(*) AS n FROM night_acknowledgements"), 1);
}

#[actix_web::test]
async fn machines_are_never_answered() {
    let app = TestApp::start().await;
    app.live().await;
    set_clock(&app, 3, 0);
    let heads = [
        "Auto-Submitted: auto-replied\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Precedence: bulk\r\n",
        "Precedence: list\r\n",
        "List-Id: <x.example>\r\n",
        "List-Unsubscribe: <https://x.example>\r\n",
        "X-Auto-Response-Suppress: OOF\r\n",
        "Return-Path: <>\r\n",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
    ];
    for (n, head) in heads.iter().enumerate() {
        hand(&app, n, &format!("p{n}@mail.example.be"), head).await;
        assert_eq!(queued(&app), 0, "{head}");
    }
    for (n, from) in
        ["MAILER-DAEMON@mail.example.be", "no-reply@shop.example", "alerts@police.example.be", "no address"]
            .iter()
            .enumerate()
    {
        hand(&app, 100 + n, from, "").await;
        assert_eq!(queued(&app), 0, "{from}");
    }
    hand(&app, 200, "anna@mail.example.be", "Auto-Submitted: no\r\n").await;
    assert_eq!(queued(&app), 1);
}

#[actix_web::test]
async fn the_nights_of_summer_time_are_nights_like_all_others() {
    let app = TestApp::start().await;
    app.live().await;
    // Europe/Brussels 2027: forward on 28 March at 02:00 (01:00 UTC), back on 31 October at 03:00 (01:00 UTC).
    for (n, (at, is_night)) in [
        ("2027-03-27T22:59:30Z", false),
        ("2027-03-27T23:00:00Z", true),
        ("2027-03-28T00:59:59Z", true),
        ("2027-03-28T01:00:00Z", true),
        ("2027-03-28T03:59:59Z", true),
        ("2027-03-28T04:00:00Z", false),
        ("2027-10-30T21:59:30Z", false),
        ("2027-10-30T22:00:00Z", true),
        ("2027-10-31T00:30:00Z", true),
        ("2027-10-31T01:30:00Z", true),
        ("2027-10-31T04:59:59Z", true),
        ("2027-10-31T05:00:00Z", false),
    ]
    .into_iter()
    .enumerate()
    {
        let before = queued(&app);
        set_moment(&app, at);
        hand(&app, n, &format!("w{n}@mail.example.be"), "").await;
        assert_eq!(queued(&app) - before, i64::from(is_night), "{at}");
    }
}
