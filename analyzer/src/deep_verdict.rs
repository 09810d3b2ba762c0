//! What a deep run decides about a candidate: refusals it saw, and the costs of the predicted fallbacks
//! weighed against the terms. Reads predictions, makes refusals; the order of all rules is `verdict`'s.

use beehive_plan::{
    FallbackCause, FallbackKind, Handling, Refusal, RefusalWeight, RootFallbacks, code,
};

use crate::figure::{grouped, time};
use crate::report;
use crate::verdict::{self, Subject, Terms};

/// Share of invocations inside a transaction begun outside from which on that decides.
const OUTER_SHARE_MIN: f64 = 0.5;
/// Causes told of a chatty root.
const CAUSES_MAX: usize = 5;

/// All refusals and warnings of a deep run about the subject, those that stop it first.
pub(crate) fn deep_refusals(
    subject: &Subject<'_>,
    terms: Terms<'_>,
    spoken: &dyn Fn(u32) -> String,
) -> Vec<Refusal> {
    let Some(predicted) = subject.predicted else { return Vec::new() };
    let mut found = predicted.refusals.clone();
    found.extend(too_large(predicted, terms));
    found.extend(outer_transaction(subject, predicted, spoken));
    found.extend(chatty(subject, predicted, terms));
    found.sort_by_key(|refusal| refusal.weight);
    found
}

/// Returns to the server per invocation in the steady state.
pub(crate) fn calls_home(predicted: &RootFallbacks) -> f64 {
    predicted.steady().map_or(0.0, |last| last.fallbacks.total())
}

/// What a deep run saw, with what is at stake.
pub(crate) fn by_deep_run(
    subject: &Subject<'_>,
    terms: Terms<'_>,
    spoken: &dyn Fn(u32) -> String,
) -> Option<verdict::Refusal> {
    if subject.predicted.is_none() {
        return by_other_samples(subject, terms);
    }
    let all = deep_refusals(subject, terms, spoken);
    let first = all.into_iter().find(|refusal| refusal.weight == RefusalWeight::Refuses)?;
    let reason = if first.code == code::OFFLOAD_CHATTY {
        first.reason
    } else {
        format!("{}{}", first.reason, verdict::at_stake(subject, terms))
    };
    Some(verdict::Refusal {
        code: first.code,
        reason,
        change: first.change,
        place: None,
        path: first.path,
    })
}

/// What samples of other roots saw in a method it calls; it was not sampled itself.
fn by_other_samples(subject: &Subject<'_>, terms: Terms<'_>) -> Option<verdict::Refusal> {
    let (seen, label) = subject.seen_by_others.first()?;
    let refusal = &seen.refusal;
    let is_own = seen.method == subject.method;
    let place = if is_own { "it".to_owned() } else { report::spoken(label) };
    let reason = format!(
        "{place} {} (seen in samples of another root){}",
        refusal.reason,
        verdict::at_stake(subject, terms)
    );
    let place = Some(seen.method).filter(|_| !is_own);
    Some(verdict::Refusal {
        place,
        ..verdict::Refusal::new(&refusal.code, reason, refusal.change.clone())
    })
}

fn refusal(code: &str, reason: String, path: Vec<String>, change: &str) -> Refusal {
    let weight = RefusalWeight::Refuses;
    Refusal { code: code.to_owned(), weight, reason, path, change: change.to_owned() }
}

fn too_large(predicted: &RootFallbacks, terms: Terms<'_>) -> Option<Refusal> {
    let limit = terms.budget.closure_bytes_max;
    let closure = &predicted.closure;
    if closure.heap_bytes <= limit as f64 {
        return None;
    }
    let heaviest = closure.edges.first();
    let most = heaviest.map_or(String::new(), |edge| {
        format!(", most of it {} read from {}", edge.target, edge.holder)
    });
    let reason = format!(
        "uses {} existing objects of {} bytes{most}; a closure may have {}",
        grouped(closure.objects as u64),
        grouped(closure.heap_bytes as u64),
        grouped(limit)
    );
    let path = heaviest.map_or_else(Vec::new, |edge| {
        edge.path.iter().cloned().chain([edge.holder.clone()]).collect()
    });
    let change = "keep the data where a worker can have it (a file of the class path, a database), or \
                  pass only the part that is needed; --closure-limit sets another limit";
    Some(refusal(code::OFFLOAD_CLOSURE_TOO_LARGE, reason, path, change))
}

/// Whether the root talks to a database.
fn uses_database(predicted: &RootFallbacks) -> bool {
    let causes = predicted.executions.first().map_or(&[][..], |first| &first.causes);
    let is_jdbc = |cause: &FallbackCause| {
        cause.what.starts_with("java.sql.") || cause.what.starts_with("javax.sql.")
    };
    predicted.connections.iter().any(|row| row.handling == Handling::Equivalent)
        || causes.iter().any(is_jdbc)
}

fn outer_transaction(
    subject: &Subject<'_>,
    predicted: &RootFallbacks,
    spoken: &dyn Fn(u32) -> String,
) -> Option<Refusal> {
    let outer = subject.transaction.filter(|outer| outer.share >= OUTER_SHARE_MIN)?;
    if !uses_database(predicted) {
        return None;
    }
    let begun = spoken(outer.method);
    let reason = format!(
        "uses the database inside a transaction that {begun} began ({:.0} % of its invocations): a worker \
         begins transactions of its own and cannot join one of the server's",
        outer.share * 100.0
    );
    let path = vec![begun, spoken(subject.method)];
    let change = "offload the method that begins the transaction, or one above it";
    Some(refusal(code::OFFLOAD_TX_OUTSIDE_ROOT, reason, path, change))
}

/// Too many returns to the server: they cost more processor time than is saved (and more than the
/// offload itself, else it is simply too short), or more latency than the budget.
fn chatty(subject: &Subject<'_>, predicted: &RootFallbacks, terms: Terms<'_>) -> Option<Refusal> {
    let calls = calls_home(predicted);
    let constants = terms.constants;
    let cost_us = calls * constants.call_home_cpu_us;
    let added_us = constants.offload_latency_us + calls * constants.call_home_latency_us;
    let budget_us = terms.budget.added_latency_ms * 1e3 / subject.in_a_row;
    let gross = subject.gross_saved_us(terms);
    let is_over_cpu =
        is_spoilt(subject, gross, cost_us, terms) && cost_us >= constants.offload_cpu_us;
    let is_over_latency = added_us > budget_us && constants.offload_latency_us <= budget_us;
    if !is_over_cpu && !is_over_latency {
        return None;
    }
    let against = match gross {
        Some(gross) if is_over_cpu => format!(
            "{} of server processor time, an offload saves {}",
            time(cost_us),
            if gross > 0.0 { time(gross) } else { "nothing".to_owned() }
        ),
        _ => format!("{} of latency, over the budget of {}", time(added_us), time(budget_us)),
    };
    let steady = predicted.steady()?;
    let weighty = steady.causes.iter().filter(|cause| cause.per_execution >= 0.5);
    let told: Vec<String> = weighty.take(CAUSES_MAX).map(told).collect();
    let reason = format!(
        "returns to the server {calls:.0} times per invocation: {against}. Most for {}",
        told.join(", ")
    );
    let heaviest = steady.causes.first();
    let path = heaviest.map_or_else(Vec::new, |cause| cause.path.clone());
    Some(refusal(code::OFFLOAD_CHATTY, reason, path, remedy(heaviest)))
}

/// Whether the calls home take away what would make the root worth it.
fn is_spoilt(subject: &Subject<'_>, gross: Option<f64>, cost_us: f64, terms: Terms<'_>) -> bool {
    let Some(gross) = gross else { return false };
    let share = |saved: f64| Some(saved * subject.invocations as f64 / terms.server_cpu_us?);
    let is_enough = |saved| share(saved).is_none_or(|share| share >= terms.budget.load_moved_min);
    cost_us > gross || (is_enough(gross) && !is_enough(gross - cost_us))
}

fn told(cause: &FallbackCause) -> String {
    format!("{} ({} {:.1})", cause.what, cause.kind.name(), cause.per_execution)
}

fn remedy(cause: Option<&FallbackCause>) -> &'static str {
    let Some(cause) = cause else { return "do the calls outside the root" };
    match cause.kind {
        FallbackKind::Lock => "take the lock once around the work, or keep it outside the root",
        FallbackKind::Object | FallbackKind::Statics => {
            "read the volatile field once, or make it final, or keep it outside the root"
        }
        FallbackKind::Native => "keep the native calls outside the root",
        FallbackKind::Class => {
            "record a run in which the classes are made, so that they can be packed"
        }
        FallbackKind::Call if cause.what.starts_with("java.sql.") => {
            "use a database that workers can reach as well (not one inside the server), or offload what computes only"
        }
        FallbackKind::Call if cause.why.contains("container") => {
            "read what is needed from request and session before the root, pass plain data, write back after it"
        }
        FallbackKind::Call if cause.why.contains("open at the server") => {
            "read the stream before the root and pass its contents"
        }
        FallbackKind::Call => "make these calls before or after the root and pass plain data",
    }
}
