//! Folds chunks, in the order they were recorded, into a canonical [`Trace`]: sorts the tables,
//! renumbers the ids and adds up the increments. The only place where canonical order is made.

use std::collections::BTreeMap;
use std::hash::Hash;

use crate::deep::{Deep, DeepRow, EachTable, sum_up};
use crate::error::TraceError;
use crate::model::{
    Class, ClassUse, Connection, Edge, Generated, Method, MonitorStats, OUTSIDE, RootStats,
    RunFacts, ThreadGroup, Trace, Traffic,
};
use crate::{Chunk, Histogram};

/// Collects chunks; [`Fold::finish`] gives the trace.
#[derive(Debug, Default)]
pub struct Fold {
    runs: Vec<RunFacts>,
    classes: Vec<Class>,
    methods: Vec<Method>,
    edges: Vec<Edge>,
    roots: Vec<RootStats>,
    class_uses: Vec<ClassUse>,
    threads: Vec<ThreadGroup>,
    monitors: Vec<MonitorStats>,
    connections: Vec<Connection>,
    generated: Vec<Generated>,
    traffic: Traffic,
    losses: BTreeMap<String, u64>,
    deep: Deep,
}

impl Fold {
    /// Takes one chunk.
    ///
    /// # Errors
    /// [`TraceError::DanglingId`] if class or method rows do not continue the ids before them.
    pub fn push(&mut self, chunk: Chunk) -> Result<(), TraceError> {
        match chunk {
            Chunk::Run(run) => self.push_run(*run),
            Chunk::Classes { first, rows } => append("class", first, &mut self.classes, rows)?,
            Chunk::Methods { first, rows } => append("method", first, &mut self.methods, rows)?,
            Chunk::Edges(rows) => self.edges.extend(rows),
            Chunk::Roots(rows) => self.roots.extend(rows),
            Chunk::ClassUses(rows) => self.class_uses.extend(rows),
            Chunk::Threads(rows) => self.threads.extend(rows),
            Chunk::Monitors(rows) => self.monitors.extend(rows),
            Chunk::Connections(rows) => self.connections.extend(rows),
            Chunk::Generated(rows) => self.generated.extend(rows),
            Chunk::Traffic(traffic) => add_traffic(&mut self.traffic, &traffic),
            Chunk::Losses(losses) => add_counts(&mut self.losses, losses),
            Chunk::Deep(rows) => self.deep.append(*rows),
        }
        Ok(())
    }

    /// Takes the run's facts; of two with one id the later one is right, being more complete.
    fn push_run(&mut self, run: RunFacts) {
        match self.runs.iter_mut().find(|r| r.id == run.id && !run.id.is_empty()) {
            Some(known) => *known = run,
            None => self.runs.push(run),
        }
    }

    /// The canonical trace of everything pushed.
    ///
    /// # Errors
    /// [`TraceError::DanglingId`] if a row refers to an undefined class or method.
    pub fn finish(self) -> Result<Trace, TraceError> {
        let mut runs = self.runs;
        runs.sort();
        let (classes, class_ids) = canonical(self.classes);
        let class_ids = Ids { what: "class", map: class_ids };
        let mut methods = self.methods;
        for method in &mut methods {
            method.class = class_ids.get("method", method.class)?;
        }
        let (methods, method_ids) = canonical(methods);
        let method_ids = Ids { what: "method", map: method_ids };
        let mut deep = self.deep;
        deep.each_table(&mut FoldDeep(&method_ids))?;
        Ok(Trace {
            runs,
            edges: fold_edges(self.edges, &method_ids)?,
            roots: fold_roots(self.roots, &method_ids)?,
            class_uses: fold_class_uses(self.class_uses, &class_ids, &method_ids)?,
            threads: fold_threads(self.threads, &method_ids)?,
            monitors: fold_monitors(self.monitors, &method_ids)?,
            connections: fold_connections(self.connections, &method_ids)?,
            generated: fold_generated(self.generated, &class_ids)?,
            classes,
            methods,
            traffic: normal_traffic(self.traffic),
            losses: without_zeros(self.losses),
            deep,
        })
    }
}

/// Old id to canonical id.
struct Ids {
    what: &'static str,
    map: Vec<u32>,
}

impl Ids {
    fn get(&self, table: &'static str, id: u32) -> Result<u32, TraceError> {
        let known = self.map.get(id as usize).copied();
        known.ok_or(TraceError::DanglingId { table, what: self.what, id })
    }

    fn get_or_outside(&self, table: &'static str, id: u32) -> Result<u32, TraceError> {
        if id == OUTSIDE { Ok(OUTSIDE) } else { self.get(table, id) }
    }
}

fn append<T>(
    what: &'static str,
    first: u32,
    table: &mut Vec<T>,
    rows: Vec<T>,
) -> Result<(), TraceError> {
    if first as usize != table.len() {
        return Err(TraceError::DanglingId { table: "definition", what, id: first });
    }
    table.extend(rows);
    Ok(())
}

/// Sorts and dedupes rows; gives also the map from old to new index.
fn canonical<T: Ord + Clone>(rows: Vec<T>) -> (Vec<T>, Vec<u32>) {
    if rows.is_sorted_by(|a, b| a < b) {
        let identity = (0..rows.len() as u32).collect();
        return (rows, identity);
    }
    let mut order: Vec<(T, u32)> = rows.into_iter().zip(0u32..).collect();
    order.sort();
    let mut ids = vec![0u32; order.len()];
    let mut table: Vec<T> = Vec::with_capacity(order.len());
    for (row, old) in order {
        if table.last() != Some(&row) {
            table.push(row);
        }
        if let Some(id) = ids.get_mut(old as usize) {
            *id = table.len() as u32 - 1;
        }
    }
    (table, ids)
}

/// Sorts rows by key and joins those of equal key.
fn join<T, K: Ord>(mut rows: Vec<T>, key: impl Fn(&T) -> K, add: impl Fn(&mut T, T)) -> Vec<T> {
    rows.sort_by_key(&key);
    let mut joined: Vec<T> = Vec::with_capacity(rows.len());
    for row in rows {
        match joined.last_mut() {
            Some(last) if key(last) == key(&row) => add(last, row),
            _ => joined.push(row),
        }
    }
    joined
}

fn fold_edges(mut rows: Vec<Edge>, ids: &Ids) -> Result<Vec<Edge>, TraceError> {
    for edge in &mut rows {
        edge.caller = ids.get_or_outside("edge", edge.caller)?;
        edge.callee = ids.get("edge", edge.callee)?;
    }
    if rows.is_sorted_by(|a, b| (a.caller, a.callee) < (b.caller, b.callee)) {
        return Ok(rows);
    }
    Ok(join(rows, |e| (e.caller, e.callee), |a, b| a.count = a.count.saturating_add(b.count)))
}

fn fold_roots(mut rows: Vec<RootStats>, ids: &Ids) -> Result<Vec<RootStats>, TraceError> {
    for root in &mut rows {
        root.method = ids.get("root", root.method)?;
        root.latency.normalise();
    }
    Ok(join(
        rows,
        |r| r.method,
        |a, b| {
            a.kind = a.kind.max(b.kind);
            a.latency.add(&b.latency);
            a.cpu_samples = a.cpu_samples.saturating_add(b.cpu_samples);
            a.cpu_ns = a.cpu_ns.saturating_add(b.cpu_ns);
            a.cpu_wall_ns = a.cpu_wall_ns.saturating_add(b.cpu_wall_ns);
            a.exceptions = a.exceptions.saturating_add(b.exceptions);
        },
    ))
}

fn fold_class_uses(
    mut rows: Vec<ClassUse>,
    classes: &Ids,
    methods: &Ids,
) -> Result<Vec<ClassUse>, TraceError> {
    for row in &mut rows {
        row.class = classes.get("class use", row.class)?;
        row.method = methods.get_or_outside("class use", row.method)?;
    }
    Ok(join(rows, |r| *r, |_, _| {}))
}

fn fold_threads(mut rows: Vec<ThreadGroup>, ids: &Ids) -> Result<Vec<ThreadGroup>, TraceError> {
    for row in &mut rows {
        row.starter = ids.get_or_outside("thread", row.starter)?;
    }
    let key = |r: &ThreadGroup| (r.name.clone(), r.is_virtual, r.starter);
    Ok(join(rows, key, |a, b| a.started = a.started.saturating_add(b.started)))
}

fn fold_monitors(mut rows: Vec<MonitorStats>, ids: &Ids) -> Result<Vec<MonitorStats>, TraceError> {
    for row in &mut rows {
        row.method = ids.get_or_outside("monitor", row.method)?;
    }
    Ok(join(
        rows,
        |r| (r.class_name.clone(), r.method),
        |a, b| {
            a.contended = a.contended.saturating_add(b.contended);
            a.blocked_ns = a.blocked_ns.saturating_add(b.blocked_ns);
        },
    ))
}

fn fold_connections(mut rows: Vec<Connection>, ids: &Ids) -> Result<Vec<Connection>, TraceError> {
    for row in &mut rows {
        row.method = ids.get_or_outside("connection", row.method)?;
    }
    let key = |r: &Connection| (r.peer.clone(), r.method, r.opener.clone());
    Ok(join(rows, key, |a, b| a.count = a.count.saturating_add(b.count)))
}

fn fold_generated(mut rows: Vec<Generated>, ids: &Ids) -> Result<Vec<Generated>, TraceError> {
    for row in &mut rows {
        row.class = ids.get("generated class", row.class)?;
    }
    rows.sort();
    rows.dedup();
    Ok(rows)
}

/// Renumbers, sorts and adds up deep rows.
struct FoldDeep<'i>(&'i Ids);

impl EachTable for FoldDeep<'_> {
    type Error = TraceError;

    fn table<R: DeepRow>(
        &mut self,
        rows: &mut Vec<R>,
        _: fn(Vec<R>) -> Deep,
    ) -> Result<(), TraceError> {
        for row in rows.iter_mut() {
            for (column, id) in row.ids().into_iter().enumerate() {
                let table = R::WORD;
                *id = match column {
                    0 => self.0.get(table, *id)?,
                    _ => self.0.get_or_outside(table, *id)?,
                };
            }
        }
        sum_up(rows);
        Ok(())
    }
}

fn add_traffic(sum: &mut Traffic, more: &Traffic) {
    sum.sent = sum.sent.saturating_add(more.sent);
    sum.ok = sum.ok.saturating_add(more.ok);
    add_counts(&mut sum.failed_status, more.failed_status.clone());
    add_counts(&mut sum.failed_io, more.failed_io.clone());
    Histogram::add(&mut sum.latency, &more.latency);
    sum.duration_ms = sum.duration_ms.saturating_add(more.duration_ms);
    sum.cpu_us = sum.cpu_us.saturating_add(more.cpu_us);
}

/// A counter of zero is the same as none; only one of the two is canonical.
fn without_zeros<K: Ord>(mut counts: BTreeMap<K, u64>) -> BTreeMap<K, u64> {
    counts.retain(|_, count| *count > 0);
    counts
}

fn normal_traffic(mut traffic: Traffic) -> Traffic {
    traffic.failed_status = without_zeros(traffic.failed_status);
    traffic.failed_io = without_zeros(traffic.failed_io);
    traffic.latency.normalise();
    traffic
}

fn add_counts<K: Ord + Hash>(sum: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, count) in more {
        let slot = sum.entry(key).or_default();
        *slot = slot.saturating_add(count);
    }
}
