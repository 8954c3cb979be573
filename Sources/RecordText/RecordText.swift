// RecordText: records as people and programs write them down, cut into single ones.
//
// A ward office has a spreadsheet, a service has JSON. Both ways in, `hanbridge publish` and HTTPS, read them with this module, so that
// one file means the same records whichever way it takes.
//
//   JSONScanner.swift   where the parts of a JSON document stand, without building anything
//   JSONQuoting.swift   text as a JSON string, and back
//   CSVParser.swift     RFC 4180, a byte at a time
//   CSVHeader.swift     a table's columns: what a cell becomes, by the column's name or by the records' schema
//   InputError.swift    the line that is no record, and what bounds all of this
//
// Pure: bytes in, bytes out; no file, no socket, no clock. It must not know topics, partitions or who publishes, and it judges no more
// than the syntax: whether a record may be what it says is for its schema (MessageSchema) and for admission (Broker).
//
// Start reading at CSVHeader.swift.
