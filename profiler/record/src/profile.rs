//! One run from its checks to its trace, in order: check, make room, start or attach, watch, conclude.

use std::sync::mpsc::channel;

use beehive_trace::{AgentConfig, CHANNEL_VERSION};

use crate::error::RecordError;
use crate::link::Links;
use crate::listener::{Listener, ListenerSpec};
use crate::load::Load;
use crate::outcome::conclude;
use crate::private_dir::new_token;
use crate::progress::Progress;
use crate::session::{Event, Session};
use crate::signals::SignalWatch;
use crate::spec::{ProfileSpec, ProfileSummary};
use crate::subject::Checked;

/// Records one run.
///
/// # Errors
/// See [`RecordError`]. Everything that can be checked is checked before the application is started.
pub fn profile(spec: &ProfileSpec, progress: &dyn Progress) -> Result<ProfileSummary, RecordError> {
    let subject = Checked::of(spec)?;
    let load = spec.load.as_ref().map(Load::prepare).transpose()?;
    if let (Some(load), Checked::Launch(_)) = (&load, &subject) {
        load.refuse_used_target()?;
    }
    subject.notes().iter().for_each(|note| progress.note(note));
    let (sender, events) = channel();
    let signal_sender = sender.clone();
    let _signals = SignalWatch::start(move |received| {
        // The run may be over already.
        let _ = signal_sender.send(Event::Signal(received));
    })?;
    let run = subject.run_facts(spec);
    let place = subject.private_dir()?;
    let links = Links::default();
    let token = new_token()?;
    let listener = Listener::start(
        ListenerSpec {
            socket: place.socket(),
            token: token.clone(),
            output: spec.output.clone(),
            run: run.clone(),
        },
        links.clone(),
        sender.clone(),
    )?;
    place.fill(&AgentConfig {
        version: CHANNEL_VERSION,
        socket: subject.as_seen_inside(&place.socket()),
        token,
        run,
        named_roots: spec.named_roots.clone(),
        interval_ms: spec.interval.as_millis() as u64,
        deep: spec.deep.clone(),
        exact: spec.exact,
    })?;
    subject.hand_over(&place)?;
    let application = subject.begin(&place, &sender)?;
    let mut session = Session::new(spec, progress, application, links, load, sender);
    let outcome = session.run(&events);
    drop(subject);
    conclude(spec, progress, outcome, listener.finish())
}
