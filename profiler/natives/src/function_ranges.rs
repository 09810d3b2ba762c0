//! Where functions begin and end, from the unwind table that every library carries even when it is
//! stripped (`.eh_frame`, found through its header segment).

use gimli::{BaseAddresses, CieOrFde, EhFrame, EhFrameHdr, LittleEndian, UnwindSection};
use goblin::elf::Elf;
use goblin::elf::program_header::{PT_GNU_EH_FRAME, PT_LOAD};

/// Start and end of each function that has unwind data; nothing if there is no such data.
pub fn ranges_from_eh_frame(elf: &Elf<'_>, bytes: &[u8]) -> Vec<(u64, u64)> {
    read(elf, bytes).unwrap_or_default()
}

fn read(elf: &Elf<'_>, bytes: &[u8]) -> Option<Vec<(u64, u64)>> {
    let (address, section) = by_segment(elf, bytes).or_else(|| by_section(elf, bytes))?;
    let bases = BaseAddresses::default().set_eh_frame(address);
    let section = EhFrame::new(section, LittleEndian);
    let mut entries = section.entries(&bases);
    let mut ranges = Vec::new();
    // The section ends with a zero length, at which the iterator stops.
    while let Ok(Some(entry)) = entries.next() {
        let CieOrFde::Fde(partial) = entry else { continue };
        if let Ok(fde) = partial.parse(EhFrame::cie_from_offset) {
            let end = fde.initial_address().checked_add(fde.len());
            ranges.extend(end.map(|end| (fde.initial_address(), end)));
        }
    }
    Some(ranges)
}

/// Address and bytes of the table, by the segment that the loader uses.
fn by_segment<'b>(elf: &Elf<'_>, bytes: &'b [u8]) -> Option<(u64, &'b [u8])> {
    let header = elf.program_headers.iter().find(|h| h.p_type == PT_GNU_EH_FRAME)?;
    let bases = BaseAddresses::default().set_eh_frame_hdr(header.p_vaddr);
    let parsed = EhFrameHdr::new(bytes.get(header.file_range())?, LittleEndian).parse(&bases, 8);
    let gimli::Pointer::Direct(address) = parsed.ok()?.eh_frame_ptr() else { return None };
    let load = elf.program_headers.iter().find(|h| {
        let end = h.p_vaddr.saturating_add(h.p_filesz);
        h.p_type == PT_LOAD && (h.p_vaddr..end).contains(&address)
    })?;
    let range = load.file_range();
    let start = range.start.checked_add(usize::try_from(address - load.p_vaddr).ok()?)?;
    Some((address, bytes.get(start..range.end)?))
}

/// The same by the section of that name, for libraries without the segment.
fn by_section<'b>(elf: &Elf<'_>, bytes: &'b [u8]) -> Option<(u64, &'b [u8])> {
    let named = |offset| elf.shdr_strtab.get_at(offset) == Some(".eh_frame");
    let section = elf.section_headers.iter().find(|section| named(section.sh_name))?;
    Some((section.sh_addr, bytes.get(section.file_range()?)?))
}
