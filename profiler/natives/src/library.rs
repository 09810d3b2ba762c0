//! One ELF library for x86-64 Linux: its memory image, exports, relocations and functions. Answers
//! what stands at an address; what the code there does, `body` finds out.

use std::collections::BTreeMap;
use std::ops::Range;

use goblin::elf::header::{EI_OSABI, ELFOSABI_LINUX, ELFOSABI_NONE, EM_X86_64};
use goblin::elf::program_header::{PF_W, PF_X, PT_GNU_RELRO, PT_LOAD};
use goblin::elf::reloc::{R_X86_64_64, R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT, R_X86_64_RELATIVE};
use goblin::elf::{Elf, sym};

use crate::error::NativesError;
use crate::function_ranges::ranges_from_eh_frame;

/// What the loader puts into a word of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// An address of the same library.
    Local(u64),
    /// An address of whatever library defines the symbol.
    Symbol(String),
}

/// A loaded library.
pub struct Library {
    /// File name, e.g. `libjava.so`.
    pub name: String,
    bytes: Vec<u8>,
    loads: Vec<Load>,
    relro: Vec<Range<u64>>,
    /// Functions that other libraries can call, by name.
    pub exports: BTreeMap<String, u64>,
    names: BTreeMap<u64, String>,
    pointers: BTreeMap<u64, Pointer>,
    functions: BTreeMap<u64, u64>,
}

/// A loaded segment.
struct Load {
    memory: Range<u64>,
    file: Range<usize>,
    is_writable: bool,
    is_code: bool,
}

impl Library {
    /// Reads the library `name` from `bytes`.
    ///
    /// # Errors
    /// [`NativesError::NotElf`], [`NativesError::OtherMachine`], [`NativesError::Malformed`].
    pub fn parse(name: &str, bytes: Vec<u8>) -> Result<Self, NativesError> {
        let name = name.to_owned();
        if !bytes.starts_with(b"\x7fELF") {
            let found = bytes.iter().take(4).copied().collect();
            return Err(NativesError::NotElf { name, found });
        }
        let malformed = |e: goblin::error::Error| NativesError::Malformed {
            name: name.clone(),
            reason: e.to_string(),
        };
        let elf = Elf::parse(&bytes).map_err(malformed)?;
        if elf.header.e_machine != EM_X86_64 || !elf.is_64 || !elf.little_endian {
            let width = if elf.is_64 { "" } else { "32-bit " };
            let order = if elf.little_endian { "" } else { "big-endian " };
            let machine = goblin::elf::header::machine_to_str(elf.header.e_machine);
            let machine = format!("{width}{order}{machine}");
            return Err(NativesError::OtherMachine { name, machine });
        }
        let abi = elf.header.e_ident[EI_OSABI];
        if abi != ELFOSABI_NONE && abi != ELFOSABI_LINUX {
            return Err(NativesError::OtherSystem { name, abi });
        }
        let loads: Vec<Load> = elf
            .program_headers
            .iter()
            .filter(|header| header.p_type == PT_LOAD)
            .map(|header| Load {
                memory: header.p_vaddr..header.p_vaddr.saturating_add(header.p_memsz),
                file: header.file_range(),
                is_writable: header.p_flags & PF_W != 0,
                is_code: header.p_flags & PF_X != 0,
            })
            .collect();
        let relro = elf.program_headers.iter().filter(|header| header.p_type == PT_GNU_RELRO);
        let relro = relro.map(|h| h.p_vaddr..h.p_vaddr.saturating_add(h.p_memsz)).collect();
        let (exports, names) = symbols(&elf);
        let pointers = relocated(&elf);
        let mut functions: BTreeMap<u64, u64> = BTreeMap::new();
        for symbol in elf.dynsyms.iter().chain(elf.syms.iter()).filter(is_function) {
            functions.insert(symbol.st_value, symbol.st_value.saturating_add(symbol.st_size));
        }
        functions.extend(ranges_from_eh_frame(&elf, &bytes));
        Ok(Self { name, bytes, loads, relro, exports, names, pointers, functions })
    }

    /// A library of one function, for tests.
    #[cfg(test)]
    pub fn of_function(start: u64, code: &[u8]) -> Self {
        let end = start + code.len() as u64;
        let (memory, file) = (start..end, 0..code.len());
        Self {
            name: "test.so".to_owned(),
            bytes: code.to_vec(),
            loads: vec![Load { memory, file, is_writable: false, is_code: true }],
            relro: Vec::new(),
            exports: BTreeMap::new(),
            names: BTreeMap::new(),
            pointers: BTreeMap::new(),
            functions: BTreeMap::from([(start, end)]),
        }
    }

    /// Bytes at `address` to the end of its segment's file part.
    pub fn bytes_at(&self, address: u64) -> Option<&[u8]> {
        let load = self.loads.iter().find(|load| load.memory.contains(&address))?;
        let at = load.file.start.checked_add(usize::try_from(address - load.memory.start).ok()?)?;
        self.bytes.get(at..load.file.end)
    }

    /// Whether `address` is code.
    pub fn is_code(&self, address: u64) -> bool {
        self.loads.iter().any(|load| load.is_code && load.memory.contains(&address))
    }

    /// Whether the library can change what stands at `address` after it was loaded.
    pub fn is_variable(&self, address: u64) -> bool {
        self.loads.iter().any(|load| load.is_writable && load.memory.contains(&address))
            && !self.relro.iter().any(|relro| relro.contains(&address))
    }

    /// What the loader puts at `address`.
    pub fn pointer_at(&self, address: u64) -> Option<&Pointer> {
        self.pointers.get(&address)
    }

    /// Words that the loader fills, by address.
    pub fn pointers(&self) -> impl Iterator<Item = (u64, &Pointer)> {
        self.pointers.iter().map(|(address, pointer)| (*address, pointer))
    }

    /// Start and end of the function that `address` is in.
    pub fn function_around(&self, address: u64) -> Option<Range<u64>> {
        let (&start, &end) = self.functions.range(..=address).next_back()?;
        (address < end).then_some(start..end)
    }

    /// Whether a function begins at `address`.
    pub fn is_function_start(&self, address: u64) -> bool {
        self.functions.contains_key(&address)
    }

    /// Number of functions known.
    pub fn function_count(&self) -> usize {
        self.functions.len()
    }

    /// Name of the function at `address`, if the library tells it.
    pub fn name_of(&self, address: u64) -> Option<&str> {
        self.names.get(&address).map(String::as_str)
    }

    /// Text that ends with NUL at `address`, if it is printable.
    pub fn text_at(&self, address: u64) -> Option<&str> {
        let bytes = self.bytes_at(address)?;
        let end = bytes.iter().take(1024).position(|byte| *byte == 0)?;
        let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
        text.chars().all(|c| !c.is_control()).then_some(text)
    }
}

fn is_function(symbol: &sym::Sym) -> bool {
    symbol.st_type() == sym::STT_FUNC && symbol.st_shndx != 0 && symbol.st_value != 0
}

/// Exported functions by name, and names of functions by address.
fn symbols(elf: &Elf<'_>) -> (BTreeMap<String, u64>, BTreeMap<u64, String>) {
    let mut exports = BTreeMap::new();
    let mut names = BTreeMap::new();
    for symbol in elf.syms.iter().filter(is_function) {
        if let Some(name) = elf.strtab.get_at(symbol.st_name) {
            names.insert(symbol.st_value, name.to_owned());
        }
    }
    for symbol in elf.dynsyms.iter().filter(is_function) {
        if let Some(name) = elf.dynstrtab.get_at(symbol.st_name) {
            exports.insert(name.to_owned(), symbol.st_value);
            names.insert(symbol.st_value, name.to_owned());
        }
    }
    (exports, names)
}

fn relocated(elf: &Elf<'_>) -> BTreeMap<u64, Pointer> {
    let mut pointers = BTreeMap::new();
    for relocation in elf.dynrelas.iter().chain(elf.pltrelocs.iter()) {
        let addend = relocation.r_addend.unwrap_or(0);
        let pointer = match relocation.r_type {
            R_X86_64_RELATIVE => Pointer::Local(addend.cast_unsigned()),
            R_X86_64_64 | R_X86_64_GLOB_DAT | R_X86_64_JUMP_SLOT => {
                let Some(symbol) = elf.dynsyms.get(relocation.r_sym) else { continue };
                let name = elf.dynstrtab.get_at(symbol.st_name).unwrap_or("");
                if symbol.st_shndx == 0 {
                    Pointer::Symbol(name.to_owned())
                } else {
                    Pointer::Local(symbol.st_value.wrapping_add_signed(addend))
                }
            }
            _ => continue,
        };
        pointers.insert(relocation.r_offset, pointer);
    }
    pointers
}
