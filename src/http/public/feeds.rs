//! One Atom feed per language (RFC 4287). A language's feed holds only words of that language.

use super::appeals::text;
use super::frame::tagged;
use crate::app::{App, AppError};
use crate::db::publications;
use crate::domain::language::Language;
use crate::domain::scope::ChannelKind;
use crate::http::problem::ApiError;
use crate::words::{Locale, Words};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use atom_syndication::{Content, Entry, Feed, Generator, Link, Person, Text};
use chrono::{DateTime, Utc};

/// Entries in a feed: readers fetch often, and appeals end.
const ENTRIES: i64 = 100;

fn link(href: String, rel: &str, kind: &str) -> Link {
    Link { href, rel: rel.to_owned(), mime_type: Some(kind.to_owned()), ..Link::default() }
}

/// The feed of a language.
pub async fn atom(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let language = path.strip_suffix(".atom").and_then(|code| Language::parse(code).ok()).ok_or(AppError::NotFound)?;
    let context = app.clone();
    let (shown, changed) = app
        .db
        .read(move |conn| {
            let now = context.clock.now(conn)?;
            let shown = publications::shown(conn, ChannelKind::Feed, language, now, ENTRIES)?;
            let changed = publications::changed_at(conn, ChannelKind::Feed, language)?;
            Ok::<_, AppError>((shown, changed))
        })
        .await?;
    let base = &app.public_url;
    let words = Words::of(Locale::from(language));
    let author = Person { name: app.config.server.operator.clone(), ..Person::default() };
    let entries = shown.iter().map(|p| {
        let page = format!("{base}/{language}/a/{}", p.slug);
        Entry {
            title: Text::plain(text(&p.content, "/title")),
            id: page.clone(),
            updated: p.updated_at.fixed_offset(),
            published: Some(p.published_at.fixed_offset()),
            authors: vec![Person { name: text(&p.content, "/issued_by"), ..Person::default() }],
            links: vec![link(page, "alternate", "text/html")],
            summary: Some(Text::plain(text(&p.content, "/lead"))),
            content: Some(Content {
                value: Some(text(&p.content, "/lead")),
                content_type: Some("text".to_owned()),
                lang: Some(language.code().to_owned()),
                ..Content::default()
            }),
            ..Entry::default()
        }
    });
    let feed = Feed {
        title: Text::plain(words.say("home-title").into_owned()),
        id: format!("{base}/feeds/{language}.atom"),
        updated: changed.unwrap_or(DateTime::<Utc>::UNIX_EPOCH).fixed_offset(),
        authors: vec![author],
        generator: Some(Generator { value: "Tocsin".to_owned(), ..Generator::default() }),
        links: vec![
            link(format!("{base}/feeds/{language}.atom"), "self", "application/atom+xml"),
            link(format!("{base}/{language}"), "alternate", "text/html"),
        ],
        entries: entries.collect(),
        lang: Some(language.code().to_owned()),
        ..Feed::default()
    };
    Ok(tagged(&request, StatusCode::OK, "application/atom+xml; charset=utf-8", feed.to_string()))
}
