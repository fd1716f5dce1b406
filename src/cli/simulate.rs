//! `tocsin simulate meta | google | x`: one advertising platform on this machine, as a process of its own. Its address goes
//! to stdout; its ledger, clock and faults are under `/_simulator/`.

use super::runtime;
use crate::simulators::{
    Clock, GoogleAccount, GoogleAds, MetaAccount, MetaAds, Platform, Simulator, XAccount, XAds, XPlace,
};
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// A platform that reaches nobody.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Which platform
    #[arg(value_enum)]
    platform: Simulated,
    /// Address to listen on; port 0 picks a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Places X lists: answers of its own list, as for `channel places import`
    #[arg(long, value_name = "FILE")]
    places: Vec<PathBuf>,
    /// Let so many of a hundred requests go wrong
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    trouble: u8,
    /// The same seed, the same faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Simulated {
    /// Meta Marketing API v26.0
    Meta,
    /// Google Ads REST v26
    Google,
    /// X Ads API 12
    X,
}

fn places(files: &[PathBuf]) -> anyhow::Result<Vec<XPlace>> {
    let listed = super::channel::rows(files)?.into_iter();
    Ok(listed
        .map(|place| XPlace {
            id: place.id,
            name: place.name,
            kind: place.kind.code().to_owned(),
            country: place.country,
        })
        .collect())
}

/// Runs until it is told to end.
pub fn run(options: &SimulateArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    // What the client has to be configured with; simulated secrets are no secrets.
    let (platform, keys): (Box<dyn Platform>, _) = match options.platform {
        Simulated::Meta => {
            let account = MetaAccount::default();
            let keys = json!({"account": account.account, "page": account.page, "token": account.token,
                "app_secret": account.app_secret});
            (Box::new(MetaAds::new(account)), keys)
        }
        Simulated::Google => {
            let account = GoogleAccount::default();
            let keys = json!({"customer": account.customer, "manager": account.manager, "client_id": account.client_id,
                "client_secret": account.client_secret, "refresh_token": account.refresh_token});
            (Box::new(GoogleAds::new(account)), keys)
        }
        Simulated::X => {
            let account = XAccount { places: places(&options.places)?, ..XAccount::default() };
            let keys = json!({"account": account.account, "funding": account.funding, "user": account.user,
                "consumer_key": account.consumer_key, "consumer_secret": account.consumer_secret, "token": account.token,
                "token_secret": account.token_secret});
            (Box::new(XAds::new(account)), keys)
        }
    };
    runtime()?.block_on(async {
        let simulator = Simulator::start(options.listen, platform, Clock::running()).await.context("cannot listen")?;
        if options.trouble > 0 {
            simulator.by_chance(options.seed, options.trouble);
        }
        let base = simulator.base_url();
        if as_json {
            println!("{}", json!({"base_url": base, "control": format!("{base}/_simulator/"), "keys": keys}));
        } else {
            println!("{base}");
            eprintln!("ledger   {base}/_simulator/ledger.txt (or ledger, as JSON)");
            eprintln!("faults   POST {base}/_simulator/faults {{\"fault\": \"reset_after\", \"path\": \"campaigns\"}}");
            eprintln!("clock    POST {base}/_simulator/clock {{\"advance_seconds\": 3600}}");
            eprintln!("keys     {keys}");
        }
        tokio::select! {
            () = simulator.serve() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}
