// ZipArchive: zip files as case files need them (PKWARE's APPNOTE.TXT 6.3.10), written and read by few rules.
//
// The writer makes members that are stored or deflated, each whole in memory, with their sizes in front of them; ZIP64 where an archive has
// more than 65,534 members or four gigabytes, and only there, so that every other tool opens what is small. The reader accepts what tools of
// others write too, and believes nothing: an archive comes by mail from whoever has an interest in it. It refuses as a whole what two tools
// could read differently (names twice, members that overlap, sizes that contradict each other), what could leave a folder (absolute names,
// `..`, backslashes), and never makes more bytes than its caller asked for, however much a member says it inflates to.
//
// Knows no files: the writer gives bytes to whoever writes them, the reader asks a `ZipBytes` for ranges of them.
//
// Start reading at `ZipReader`, whose `init` has all the rules; `ZipLayout` has the fields.
