// Numbers of the DWARF format, versions 2 to 5, as far as they matter for the way from an address to functions, files and
// lines. Names are the standard's without their prefix; § are sections of the DWARF 5 standard.

/** Debugging information entries that say where code is or lend their names to it (§7.5.3). */
export const enum Tag {
  ClassType = 0x02,
  EnumerationType = 0x04,
  CompileUnit = 0x11,
  StructureType = 0x13,
  UnionType = 0x17,
  InlinedSubroutine = 0x1d,
  Module = 0x1e,
  Subprogram = 0x2e,
  Namespace = 0x39,
}

/** Attributes (§7.5.4). */
export const enum At {
  Name = 0x03,
  StmtList = 0x10,
  LowPc = 0x11,
  HighPc = 0x12,
  CompDir = 0x1b,
  AbstractOrigin = 0x31,
  Specification = 0x47,
  Ranges = 0x55,
  CallColumn = 0x57,
  CallFile = 0x58,
  CallLine = 0x59,
  StrOffsetsBase = 0x72,
  AddrBase = 0x73,
  RnglistsBase = 0x74,
}

/** How an attribute's value is written (§7.5.6). */
export const enum Form {
  Addr = 0x01,
  Block2 = 0x03,
  Block4 = 0x04,
  Data2 = 0x05,
  Data4 = 0x06,
  Data8 = 0x07,
  String = 0x08,
  Block = 0x09,
  Block1 = 0x0a,
  Data1 = 0x0b,
  Flag = 0x0c,
  Sdata = 0x0d,
  Strp = 0x0e,
  Udata = 0x0f,
  RefAddr = 0x10,
  Ref1 = 0x11,
  Ref2 = 0x12,
  Ref4 = 0x13,
  Ref8 = 0x14,
  RefUdata = 0x15,
  Indirect = 0x16,
  SecOffset = 0x17,
  Exprloc = 0x18,
  FlagPresent = 0x19,
  Strx = 0x1a,
  Addrx = 0x1b,
  RefSup4 = 0x1c,
  StrpSup = 0x1d,
  Data16 = 0x1e,
  LineStrp = 0x1f,
  RefSig8 = 0x20,
  ImplicitConst = 0x21,
  Loclistx = 0x22,
  Rnglistx = 0x23,
  RefSup8 = 0x24,
  Strx1 = 0x25,
  Strx2 = 0x26,
  Strx3 = 0x27,
  Strx4 = 0x28,
  Addrx1 = 0x29,
  Addrx2 = 0x2a,
  Addrx3 = 0x2b,
  Addrx4 = 0x2c,
}

/** Kinds of unit (§7.5.1); others hold no code. */
export const enum UnitType {
  Compile = 0x01,
  Type = 0x02,
  Partial = 0x03,
  Skeleton = 0x04,
  SplitCompile = 0x05,
  SplitType = 0x06,
}

/** Entries of a range list (§7.25). */
export const enum RangeEntry {
  EndOfList = 0,
  BaseAddressx = 1,
  StartxEndx = 2,
  StartxLength = 3,
  OffsetPair = 4,
  BaseAddress = 5,
  StartEnd = 6,
  StartLength = 7,
}

/** Standard opcodes of line programs (§6.2.5.2). */
export const enum LineOp {
  Extended = 0,
  Copy = 1,
  AdvancePc = 2,
  AdvanceLine = 3,
  SetFile = 4,
  SetColumn = 5,
  NegateStmt = 6,
  SetBasicBlock = 7,
  ConstAddPc = 8,
  FixedAdvancePc = 9,
}

/** Extended opcodes of line programs (§6.2.5.3). */
export const enum LineExtendedOp {
  EndSequence = 1,
  SetAddress = 2,
  DefineFile = 3,
}

/** What an entry of a version 5 file table is made of (§6.2.4.1). */
export const enum LineContent {
  Path = 1,
  DirectoryIndex = 2,
}
