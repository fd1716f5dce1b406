//! Claims due deliveries, sends, records. Any number of workers share one database; each mail connection of one worker is
//! also the most duplicates its sudden death can cause.

mod deliver;
mod follow;
mod run;
mod witness;

pub use follow::follow_audience;
pub use run::{Worker, WorkerError};
pub use witness::witness_audit;
