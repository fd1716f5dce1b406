//! `tocsin area aim --platform x`: an aim in the platform's own places, from the stored list or from files.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::area::Configuration;
use super::area_aim::{EVENLY, Wish, say_fit};
use super::{channel, open};
use crate::app::channel_places;
use crate::area::Gazetteer;
use crate::area::aim::{PlaceTask, aim_by_places};
use crate::channels::targeting::x::{MOST_PLACES, X, batches};
use crate::domain::area::TargetArea;
use crate::domain::channel_place::ChannelPlace;
use crate::domain::language::Language;
use crate::http::api::aims::fit_view;

pub(super) fn aim_by_list(
    target: &TargetArea,
    files: &[PathBuf],
    wish: &Wish,
    gazetteer: &Gazetteer,
    config: Configuration<'_>,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let list = list(files, gazetteer, config)?;
    anyhow::ensure!(
        !list.is_empty(),
        "X is aimed at by the ids of its own places, and none are stored: import its list with \
         `tocsin channel places import`, or name files with --places"
    );
    let (cells, fence) = (wish.part_of(target)?, wish.zone(gazetteer)?);
    let places = gazetteer.place_groups(&list, &cells);
    let goal = wish.goal();
    let task = PlaceTask { target: &cells, fence: fence.as_ref(), places: &places, most: MOST_PLACES, goal };
    let aimed = aim_by_places(gazetteer, &task)?;
    let chosen: Vec<&ChannelPlace> = aimed.rows.iter().filter_map(|row| list.get(*row)).collect();
    let ids: Vec<&str> = chosen.iter().map(|place| place.listed.id.as_str()).collect();
    let shown: Vec<Value> = chosen
        .iter()
        .map(|place| {
            let code = place.meaning.as_ref().ok().map(ToString::to_string);
            json!({"id": place.listed.id, "name": place.listed.name, "kind": place.listed.kind.code(), "code": code})
        })
        .collect();
    let language = wish.language();
    let document = json!({
        "platform": "x",
        "language": language.map(Language::code),
        "targeting": batches(&ids, &X::default(), language),
        "places": shown,
        "met": aimed.met,
        "fit": fit_view(&aimed.fit, gazetteer),
        "index_version": target.index_version,
        "error": format!("a place reaches what is officially its territory, as far as the platform draws it so; {EVENLY}"),
    });
    writeln!(out, "{document}")?;
    say_fit(&format!("{} places", chosen.len()), &aimed.fit, gazetteer);
    if !aimed.met {
        eprintln!("the goal is not met: no choice of the places in the list reaches it");
    }
    Ok(if aimed.met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list(files: &[PathBuf], gazetteer: &Gazetteer, config: Configuration<'_>) -> anyhow::Result<Vec<ChannelPlace>> {
    if !files.is_empty() {
        return Ok(channel_places::read(gazetteer, channel::rows(files)?));
    }
    let app = open(config()?)?;
    let stored = app.db.read_now(|conn| channel_places::stored(conn, gazetteer))?;
    Ok(stored.into_iter().map(|row| row.place).collect())
}
