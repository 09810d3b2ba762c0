//! Answers the Java side's `ClassFiles.rewritten(Class)`: the bytes of a class as a worker needs them,
//! for classes that no bundle holds. What must be known of other classes is read from where their loader
//! has them; what cannot be read is looked up when the rewritten code runs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

use beehive_classfile::ClassView;
use beehive_jvm::{ClassLoad, Jni, JvmError, Object};
use beehive_rewriting::{ClassIndex, WorkerClass, WorkerRewriter};

use crate::agent::Agent;
use crate::resources::Resources;
use crate::rewriters::lock;
use crate::start::agent;

thread_local! {
    /// Set while this thread sends a class through the hook again: its bytes, once the hook saw them.
    static ASKED: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Takes notice of a class that is sent through the hook again.
pub(crate) fn notice(load: &ClassLoad<'_>) {
    if load.redefined.is_some() {
        ASKED.with_borrow_mut(|asked| {
            if let Some(bytes) = asked {
                *bytes = load.bytes.to_vec();
            }
        });
    }
}

/// The class file of a loaded class that no resource has, from the JVM itself. It is defined anew with the
/// same code, at the price of its compiled methods; so this is the last way.
fn from_the_jvm(agent: &Agent, class: Object<'_>) -> Option<Vec<u8>> {
    ASKED.set(Some(Vec::new()));
    let sent = agent.jvmti.retransform(&[class]);
    let bytes = ASKED.take();
    bytes.filter(|bytes| sent.is_ok() && !bytes.is_empty())
}

/// What is kept between questions.
#[derive(Debug)]
pub(crate) struct ClassFiles {
    index: ClassIndex,
    rewriter: WorkerRewriter,
    /// Answers by internal name, so that each worker gets the same.
    answers: HashMap<String, Option<Vec<u8>>>,
}

impl ClassFiles {
    pub(crate) fn new(worker_native: Vec<String>) -> Result<Self, crate::AgentError> {
        Ok(Self {
            index: ClassIndex::new(false, worker_native),
            rewriter: WorkerRewriter::new()?,
            answers: HashMap::new(),
        })
    }

    /// Adds a class and all above it that the application has, as far as they can be read.
    fn add(&mut self, name: &str, of_class: &mut dyn FnMut(&str) -> Option<Vec<u8>>) {
        let mut pending = vec![name.to_owned()];
        while let Some(name) = pending.pop() {
            if name.starts_with("java/") || self.index.has(name.as_bytes()) {
                continue;
            }
            let Some(bytes) = of_class(&name) else { continue };
            let Ok(view) = ClassView::parse(&bytes) else { continue };
            self.index.add(&view);
            pending.extend(view.super_name().map(|name| name.to_string()));
            pending.extend(view.interfaces().map(|name| name.to_string()));
        }
    }
}

/// Bytes of `class`, rewritten for workers; `None` when there are none to be had, or a method of it
/// cannot be rewritten.
pub(crate) fn rewritten(jni: &Jni<'_>, class: Object<'_>) -> Option<Vec<u8>> {
    let agent = agent()?;
    // Local references of all that is looked at go with the frame.
    let answer = jni.with_frame(|jni| rewritten_by(agent, jni, class)).ok()?;
    if !matches!(answer, Ok(Some(_))) {
        agent.failures.fetch_add(1, Ordering::Relaxed);
    }
    answer.ok().flatten()
}

fn rewritten_by(
    agent: &Agent,
    jni: &Jni<'_>,
    class: Object<'_>,
) -> Result<Option<Vec<u8>>, JvmError> {
    let signature = agent.jvmti.class_signature(class)?;
    let name = signature.trim_start_matches('L').trim_end_matches(';').to_owned();
    let loader = agent.jvmti.class_loader(jni, class)?;
    let Some(loader) = loader.filter(|loader| agent.is_application_loader(jni, Some(*loader)))
    else {
        return Ok(None);
    };
    // Reading resources runs the application's loaders, which must not meet a lock of ours.
    if let Some(known) = lock(&agent.class_files).answers.get(&name) {
        return Ok(known.clone());
    }
    let resources = Resources::new(jni, loader)?;
    let read = |name: &str| {
        let made = lock(&agent.made_classes).get(name).cloned();
        made.or_else(|| resources.class_file(jni, name))
    };
    let Some(bytes) = read(&name).or_else(|| from_the_jvm(agent, class)) else { return Ok(None) };
    if lock(&agent.class_files).index.is_native(name.as_bytes()) {
        return Ok(lock(&agent.class_files).answers.entry(name).or_insert(Some(bytes)).clone());
    }
    let mentioned = mentioned_in(&bytes);
    let mut files: HashMap<String, Option<Vec<u8>>> =
        mentioned.iter().map(|name| (name.clone(), read(name))).collect();
    files.insert(name.clone(), Some(bytes.clone()));
    let mut kept = lock(&agent.class_files).clone_index();
    for mentioned in mentioned.iter().chain([&name]) {
        kept.add(mentioned, &mut |name| {
            files.entry(name.to_owned()).or_insert_with(|| read(name)).clone()
        });
    }
    let is_rewritten = kept.index.rewrites(name.as_bytes());
    let new = kept.rewriter.rewrite(&bytes, &kept.index).ok().filter(|_| is_rewritten);
    let answer = new.and_then(|new| whole(new, bytes));
    let mut shared = lock(&agent.class_files);
    shared.index = kept.index;
    Ok(shared.answers.entry(name).or_insert(answer).clone())
}

impl ClassFiles {
    /// A copy to add to while no lock is held.
    fn clone_index(&self) -> Self {
        let (index, rewriter) = (self.index.clone(), self.rewriter.clone());
        Self { index, rewriter, answers: HashMap::new() }
    }
}

/// A class without barriers in one of its methods is none for a worker.
fn whole(new: WorkerClass, bytes: Vec<u8>) -> Option<Vec<u8>> {
    if new.left_alone.is_empty() { new.bytes.or(Some(bytes)) } else { None }
}

fn mentioned_in(bytes: &[u8]) -> Vec<String> {
    let Ok(view) = ClassView::parse(bytes) else { return Vec::new() };
    let mut names: Vec<String> = view.referenced_classes().map(|name| name.to_string()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
