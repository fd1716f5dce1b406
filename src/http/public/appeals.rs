//! The appeal page, the list of a language, the choice of language, the privacy notice.

use super::frame::{cached, error_page, frame};
use crate::app::{App, AppError, subscribe};
use crate::db::publications::{self, Publication};
use crate::domain::kind::AppealKind;
use crate::domain::language::Language;
use crate::domain::place::Country;
use crate::domain::scope::ChannelKind;
use crate::http::pages::appeal::{AppealView, FactView, GoneView, LastSeenView, LotView, PictureView, SearchLineView};
use crate::http::pages::frame::PhoneView;
use crate::http::pages::home::{CardView, HomeView, LanguageChoiceView};
use crate::http::pages::privacy::PrivacyView;
use crate::words::Locale;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::Value;

/// How many appeals a language's page lists.
const LISTED: i64 = 50;

/// Text at a pointer of a finished content.
pub fn text(content: &Value, pointer: &str) -> String {
    content.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(content: &Value, key: &str) -> Vec<String> {
    content
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn list<'a>(content: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    content.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Whose law a content is under.
pub fn country(content: &Value) -> Country {
    Country::parse(&text(content, "/country")).unwrap_or(Country::Be)
}

/// The kind of a content.
pub fn kind(content: &Value) -> Result<AppealKind, AppError> {
    let code = text(content, "/kind");
    AppealKind::parse(&code).ok_or_else(|| AppError::Broken(format!("kind {code}")))
}

pub fn picture(value: &Value) -> Option<PictureView> {
    let pixels = |pointer: &str| value.pointer(pointer).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let address = |digest: &str| format!("/media/{digest}.jpg");
    Some(PictureView {
        src: address(value.pointer("/large/digest")?.as_str()?),
        width: pixels("/large/width")?,
        height: pixels("/large/height")?,
        small_src: address(value.pointer("/small/digest")?.as_str()?),
        small_width: pixels("/small/width")?,
        alt: text(value, "/alt"),
        caption: None,
    })
}

fn fact(value: &Value) -> FactView {
    FactView { label: text(value, "/label"), value: text(value, "/value") }
}

/// Where somebody came from: the mark of the link they followed.
#[derive(Deserialize)]
pub struct CameFrom {
    c: Option<String>,
}

/// `mark` goes on into the form, so that an answer counts for the channel that brought it.
fn view(app: &App, publication: &Publication, mark: Option<ChannelKind>) -> Result<AppealView, AppError> {
    let content = &publication.content;
    let language = publication.language;
    let page = format!("/{language}/a/{}", publication.slug);
    let respond = mark.map_or(format!("{page}/respond"), |mark| format!("{page}/respond?c={mark}"));
    let and = if mark.is_some() { '&' } else { '?' };
    let contact = text(content, "/contact");
    let lots = list(content, "lots").map(|lot| {
        let number = lot.get("number").and_then(Value::as_i64).unwrap_or_default().to_string();
        LotView {
            respond_href: Some(format!("{respond}{and}lot={number}")),
            number,
            title: text(lot, "/title"),
            description: text(lot, "/description"),
            facts: list(lot, "facts").map(fact).collect(),
            picture: lot.get("picture").and_then(picture),
            state: None,
        }
    });
    let mut look_for = texts(content, "look_for");
    look_for.extend(content.get("instruction").and_then(Value::as_str).map(str::to_owned));
    let pictures: Vec<PictureView> = list(content, "pictures").filter_map(picture).collect();
    Ok(AppealView {
        frame: frame(app, language, country(content)),
        kind: kind(content)?,
        title: text(content, "/title"),
        subtitle: None,
        lead: text(content, "/lead"),
        share_image: pictures.first().cloned(),
        pictures,
        last_seen: content.get("last_seen").filter(|v| v.is_object()).map(|seen| LastSeenView {
            when: Some(text(seen, "/when")).filter(|t| !t.is_empty()),
            place: Some(text(seen, "/place")).filter(|t| !t.is_empty()),
        }),
        look_for,
        facts: list(content, "facts").map(fact).collect(),
        body: texts(content, "body"),
        dangerous: content.get("dangerous") == Some(&Value::Bool(true)),
        search_line: (!contact.is_empty()).then(|| SearchLineView { phone: PhoneView::new(contact), note: None }),
        email: None,
        respond_href: Some(respond.clone()),
        issued_by: text(content, "/issued_by"),
        authority: text(content, "/authority"),
        reference: Some(publication.slug.clone()),
        published: publication.published_at,
        updated: (publication.updated_at > publication.published_at).then_some(publication.updated_at),
        expires: publication.ends_at,
        areas: texts(content, "areas"),
        lots: lots.collect(),
        page_url: format!("{}{page}", app.public_url),
        short_url: None,
        feed_href: format!("/feeds/{language}.atom"),
    })
}

/// Whether a publication is still shown at a moment.
pub fn is_shown(publication: &Publication, now: chrono::DateTime<chrono::Utc>) -> bool {
    publication.withdrawn_at.is_none() && now < publication.ends_at
}

/// The page of an appeal; 410 with a neutral text once it is over.
///
/// Only marks of paid channels change it, so there are few versions of a page to keep in caches.
pub async fn appeal(app: web::Data<App>, request: HttpRequest, path: web::Path<(String, String)>) -> HttpResponse {
    let (language, slug) = path.into_inner();
    // Whatever platforms add to an address, the page is shown.
    let from = web::Query::<CameFrom>::from_query(request.query_string()).ok().and_then(|from| from.into_inner().c);
    let mark = from.as_deref().and_then(ChannelKind::parse).filter(|channel| channel.is_paid());
    let Ok(language) = Language::parse(&language) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let context = app.clone();
    let found = app
        .db
        .read(move |conn| {
            let now = context.clock.now(conn)?;
            let publication = publications::by_slug(conn, ChannelKind::Page, language, &slug)?;
            let shown = is_shown(&publication, now);
            Ok::<_, AppError>((publication, shown))
        })
        .await;
    let rendered = found.and_then(|(publication, shown)| {
        if !shown {
            let gone = GoneView { frame: frame(&app, language, country(&publication.content)) };
            return Ok((StatusCode::GONE, gone.render().map_err(|e| AppError::Broken(e.to_string()))?));
        }
        let page = view(&app, &publication, mark)?.render().map_err(|e| AppError::Broken(e.to_string()))?;
        Ok((StatusCode::OK, page))
    });
    match rendered {
        Ok((status, page)) => cached(&request, status, page),
        Err(error) => error_page(&app, language, &error),
    }
}

/// Every live appeal of a language.
pub async fn home(app: web::Data<App>, request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    let Ok(language) = Language::parse(&path) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let context = app.clone();
    let found = app
        .db
        .read(move |conn| {
            let now = context.clock.now(conn)?;
            Ok::<_, AppError>(publications::shown(conn, ChannelKind::Page, language, now, LISTED)?)
        })
        .await;
    let rendered = found.and_then(|publications| {
        let cards = publications
            .iter()
            .map(|p| {
                Ok(CardView {
                    href: format!("/{language}/a/{}", p.slug),
                    kind: kind(&p.content)?,
                    title: text(&p.content, "/title"),
                    lead: text(&p.content, "/lead"),
                    picture: list(&p.content, "pictures")
                        .find_map(picture)
                        .or_else(|| list(&p.content, "lots").filter_map(|lot| lot.get("picture")).find_map(picture)),
                    published: p.published_at,
                    area: Some(texts(&p.content, "areas").join(", ")).filter(|names| !names.is_empty()),
                })
            })
            .collect::<Result<Vec<_>, AppError>>()?;
        let view =
            HomeView { frame: frame(&app, language, Country::Be), cards, feed_href: format!("/feeds/{language}.atom") };
        view.render().map_err(|e| AppError::Broken(e.to_string()))
    });
    match rendered {
        Ok(page) => cached(&request, StatusCode::OK, page),
        Err(error) => error_page(&app, language, &error),
    }
}

/// Which language?
pub async fn choice(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let view = LanguageChoiceView {
        frame: frame(&app, Language::Fr, Country::Be),
        locales: vec![Locale::Fr, Locale::Nl, Locale::De],
    };
    cached(&request, StatusCode::OK, view.render().unwrap_or_default())
}

/// What is kept of whom, why and how long.
pub async fn privacy(app: web::Data<App>, request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    let Ok(language) = Locale::parse(&path) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let view = PrivacyView {
        frame: frame(&app, language, Country::Be),
        contact: app.config.email.from.clone(),
        supervisor: String::new(),
        unconfirmed_hours: subscribe::CONFIRMATION_HOURS,
    };
    cached(&request, StatusCode::OK, view.render().unwrap_or_default())
}
