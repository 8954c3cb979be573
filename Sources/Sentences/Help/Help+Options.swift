extension Help.Option {
    public static let profile = Sentence(
        vi: "Hồ sơ của nút: địa chỉ, CA, chứng thư số, khóa (mặc định: $HANBRIDGE_PROFILE).",
        en: "The profile of your node: endpoints, CA, certificate, key (default $HANBRIDGE_PROFILE).")
    public static let language = Sentence(
        vi: "Ngôn ngữ của câu chữ cho người đọc: vi hoặc en (mặc định: theo máy).",
        en: "The language of sentences for people: vi or en (default: the locale's).")
    public static let output = Sentence(
        vi: "table cho người đọc, json cho phần mềm (mỗi dòng một đối tượng JSON).",
        en: "table for people, json for programs (JSON lines).")
    public static let configuration = Sentence(vi: "Tệp cấu hình.", en: "The configuration.")
    public static let configurationOnly = Sentence(
        vi: "Chỉ kiểm tra cấu hình, không kiểm tra kho dữ liệu.",
        en: "The configuration only, not the store.")
    public static let quotaEntity = Sentence(
        vi: "cơ-quan/đơn-vị/nút, cơ-quan/* hoặc default.", en: "agency/unit/node, agency/*, or default.")
    public static let quotaValues = Sentence(
        vi: "Hạn mức và giá trị: consumer_byte_rate=1000000.", en: "Quotas and their values: consumer_byte_rate=1000000.")
    public static let quotaNames = Sentence(vi: "Tên các hạn mức cần bỏ.", en: "The names of the quotas to remove.")
    public static let newDirectory = Sentence(vi: "Một thư mục mới hoặc trống.", en: "A new or empty directory.")
    public static let authorityName = Sentence(
        vi: "Tên cơ quan chứng thực: thành phần đầu của mọi danh tính mà nó cấp.",
        en: "The authority's name: the first component of every identity that it issues.")
    public static let brokerHost = Sentence(
        vi: "Tên miền hoặc địa chỉ IP để phần mềm kết nối tới máy chủ; có thể lặp lại (mặc định: chỉ máy này).",
        en: "A DNS name or IP address by which clients reach the broker; may be repeated (default: this machine alone).")
    public static let administratorAgency = Sentence(vi: "Cơ quan của người quản trị.", en: "The agency of the administrator.")
    public static let authorityDirectory = Sentence(vi: "Thư mục của cơ quan chứng thực.", en: "The authority's directory.")
    public static let clientKafka = Sentence(
        vi: "Địa chỉ Kafka ghi trong tệp cấu hình (mặc định: theo endpoints.yaml của cơ quan chứng thực).",
        en: "The Kafka listener in the client files (default: from the authority's endpoints.yaml).")
    public static let clientHTTPS = Sentence(
        vi: "Địa chỉ HTTPS ghi trong tệp cấu hình, dạng https://máy:cổng.",
        en: "The HTTPS listener in the client files, https://host:port.")
    public static let nodeAgency = Sentence(vi: "Cơ quan của nút, ví dụ hai-chau.", en: "The node's agency.")
    public static let nodeUnit = Sentence(
        vi: "Đơn vị của nút trong cơ quan, ví dụ one-stop.",
        en: "The node's unit in the agency.")
    public static let nodeName = Sentence(vi: "Tên nút trong đơn vị, ví dụ counter-1.", en: "The node's name in the unit.")
    public static let roles = Sentence(
        vi: "operator, steward, auditor hoặc member; có thể lặp lại (mặc định: member).",
        en: "operator, steward, auditor or member; may be repeated (default: member).")
    public static let displayName = Sentence(
        vi: "Tên gọi cho người đọc, bằng tiếng nào cũng được.",
        en: "A name for people, in any language.")
    public static let declaredPurpose = Sentence(
        vi: "Mục đích mà nút khai báo khi nhận dữ liệu; được ghi vào tệp cấu hình.",
        en: "The purpose that this client declares when it subscribes; goes into the client files.")
    public static let serverHost = Sentence(
        vi: "Tên miền hoặc địa chỉ IP: cấp chứng thư số cho máy chủ thay vì cho nút; có thể lặp lại.",
        en: "A DNS name or IP address: makes a server's certificate instead of a node's; may be repeated.")
    public static let validDays = Sentence(
        vi: "Thời hạn, từ 1 đến 398 ngày (mặc định: 90 cho nút, 397 cho máy chủ).",
        en: "How long it is valid, 1 to 398 days (default: 90 for a node, 397 for a server).")
    public static let signingRequest = Sentence(
        vi: "Tệp yêu cầu cấp PKCS #10 dạng PEM: khóa vẫn ở nơi đã tạo.",
        en: "A PKCS #10 request in PEM: the key stays where it was made.")
    public static let outputDirectory = Sentence(
        vi: "Thư mục để ghi chứng thư số, khóa và các tệp cấu hình.",
        en: "The directory for certificate, key and client files.")
    public static let issuedDirectory = Sentence(
        vi: "Thư mục do `cert issue` tạo.",
        en: "The directory that `cert issue` wrote.")
    public static let newKey = Sentence(
        vi: "Tạo cả khóa mới. Nếu không có, khóa được giữ nguyên và chứng thư số mới luôn khớp với khóa.",
        en: "Make a new key as well. Without it the key stays, and the new certificate fits it at every moment.")
    public static let renewedDays = Sentence(
        vi: "Thời hạn (mặc định: như lần trước).",
        en: "How long it is valid (default: as long as before).")
    public static let keptPurpose = Sentence(
        vi: "Mục đích mà nút khai báo (mặc định: như trước).",
        en: "The purpose that this client declares (default: as before).")
    public static let revoked = Sentence(
        vi: "Số chứng thư số ở hệ mười sáu, tệp PEM của chứng thư số, thư mục do `cert issue` tạo, hoặc mã SPIFFE để thu hồi mọi chứng thư của một nút.",
        en: "A serial number in hexadecimal, a certificate's PEM file, the directory that `cert issue` wrote, or a SPIFFE id for all of a node's.")
    public static let revocationReason = Sentence(
        vi: "unspecified (không nêu), keyCompromise (lộ khóa), affiliationChanged (đổi cơ quan), superseded (đã thay), cessationOfOperation (ngừng hoạt động) hoặc privilegeWithdrawn (rút quyền).",
        en: "unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation or privilegeWithdrawn.")
    public static let listDays = Sentence(
        vi: "Số ngày đến lần lập kế tiếp, từ 1 đến 31 (mặc định: như lần trước; lần đầu là 7).",
        en: "Days until the next list is due, 1 to 31 (default: as the last one had; 7 at first).")
    public static let topicName = Sentence(vi: "Tên chủ đề.", en: "The topic's name.")
    public static let partitionCount = Sentence(
        vi: "Số phân vùng (mặc định: num.partitions của máy chủ).",
        en: "How many partitions (default: the broker's num.partitions).")
    public static let topicSetting = Sentence(
        vi: "Một thiết lập, dạng tên=giá trị; có thể lặp lại.",
        en: "A configuration, name=value; may be repeated.")
    public static let ifNotExists = Sentence(
        vi: "Chủ đề đã có sẵn thì không coi là lỗi.",
        en: "A topic that is there already is not an error.")
    public static let changedSetting = Sentence(
        vi: "Thiết lập cần đặt, dạng tên=giá trị; có thể lặp lại.",
        en: "A configuration to set, name=value; may be repeated.")
    public static let deletedSetting = Sentence(
        vi: "Tên thiết lập cần trả về mặc định; có thể lặp lại.",
        en: "The name of a configuration to return to its default; may be repeated.")
    public static let newPartitionCount = Sentence(
        vi: "Số phân vùng mới; chỉ có thể tăng.",
        en: "The new number of partitions; it can only grow.")
    public static let yes = Sentence(vi: "Không hỏi lại để xác nhận.", en: "Do not ask for confirmation.")
    public static let showSettings = Sentence(
        vi: "Xem cấu hình thay vì các phân vùng.",
        en: "Show the configuration instead of the partitions.")
    public static let groupID = Sentence(vi: "Mã nhóm nhận.", en: "The group's id.")
    public static let showMembers = Sentence(
        vi: "Xem các thành viên thay vì vị trí.",
        en: "Show the members instead of the offsets.")
    public static let topicOne = Sentence(vi: "Chủ đề.", en: "The topic.")
    public static let resetTo = Sentence(
        vi: "earliest (đầu), latest (cuối), một vị trí, hoặc thời điểm như 2026-11-20T08:00:00+07:00.",
        en: "earliest, latest, an offset, or a time such as 2026-11-20T08:00:00+07:00.")
    public static let onePartition = Sentence(
        vi: "Chỉ một phân vùng; có thể lặp lại.",
        en: "One partition only; may be repeated.")
    public static let execute = Sentence(vi: "Thực hiện thật.", en: "Do it.")
    public static let agreementFiles = Sentence(
        vi: "Các tệp, hoặc thư mục có tệp .yaml: hợp thành một bộ.",
        en: "Files, or directories with .yaml files: one set.")
    public static let agreementVersions = Sentence(
        vi: "Mọi phiên bản đã áp dụng, mới nhất trước.", en: "Every version that was applied, newest first.")
    public static let requestedTopic = Sentence(vi: "Tên chủ đề.", en: "The topic's name.")
    public static let requestedRights = Sentence(
        vi: "Quyền cần xin: subscribe, replay, publish… Có thể lặp lại.", en: "The right to ask for: subscribe, replay, publish… May be repeated.")
    public static let requestedPurposes = Sentence(vi: "Mục đích sử dụng. Có thể lặp lại.", en: "What it is for. May be repeated.")
    public static let requestedFields = Sentence(
        vi: "Trường cần dùng; không ghi thì mọi trường. Có thể lặp lại.", en: "A field that is needed; every field without it. May be repeated.")
    public static let requestedEnd = Sentence(vi: "Ngày hết hiệu lực.", en: "The date on which it ends.")
    public static let requestedID = Sentence(vi: "Mã của thỏa thuận.", en: "The agreement's id.")
    public static let requestFile = Sentence(
        vi: "Ghi vào tệp này (chưa có sẵn) thay vì in ra.", en: "Write into this file, which must not be there yet, instead of printing.")
    public static let checkedSchemas = Sentence(
        vi: "Thư mục lược đồ có schemas.yaml, để đối chiếu các trường.", en: "A directory of schemas with schemas.yaml, to hold fields against.")
    public static let emergencyFile = Sentence(vi: "Tệp YAML có một thỏa thuận khẩn cấp.", en: "A YAML file with the one agreement of an emergency.")
    public static let emergencyConfirmed = Sentence(
        vi: "Mã mà người khác đã yêu cầu, để xác nhận.", en: "The id that another person asked for, to confirm it.")
    public static let rehearsedDays = Sentence(vi: "Xem lại bao nhiêu ngày.", en: "How many days to look back.")
    public static let signAs = Sentence(
        vi: "Tên cơ-quan/đơn-vị/nút của người ký, khi chứng thư của cơ quan chứng thực khác không mang tên này.",
        en: "The signer's agency/unit/node, where the certificate of another authority does not carry it.")
    public static let agreementID = Sentence(vi: "Mã của thỏa thuận.", en: "The agreement's id.")
    public static let endReason = Sentence(
        vi: "Căn cứ chấm dứt, được ghi vào nhật ký kiểm toán.", en: "On what ground; goes into the audit.")
    public static let explainedNode = Sentence(vi: "Nút được hỏi: cơ-quan/đơn-vị/nút.", en: "The node in question: agency/unit/node.")
    public static let explainedRight = Sentence(
        vi: "Quyền: publish, subscribe, replay, tombstone, administer, describe hoặc use-group.",
        en: "The right: publish, subscribe, replay, tombstone, administer, describe or use-group.")
    public static let explainedTopic = Sentence(vi: "Chủ đề; với use-group là nhóm nhận.", en: "The topic; of use-group the group.")
    public static let explainedTime = Sentence(
        vi: "Thời điểm, như 2026-12-31 hoặc 2026-12-31T17:00:00+07:00 (mặc định: lúc này).",
        en: "At which time, as 2026-12-31 or 2026-12-31T17:00:00+07:00 (default: now).")
    public static let agreementSet = Sentence(
        vi: "Các tệp, hoặc thư mục có tệp .yaml: toàn bộ bộ thỏa thuận.",
        en: "Files, or directories with .yaml files: the whole set.")
    public static let recordFile = Sentence(
        vi: "Tệp cần gửi; ghi - hoặc bỏ trống để đọc từ stdin.",
        en: "The file; - or nothing is stdin.")
    public static let format = Sentence(
        vi: "jsonl, csv hoặc raw (mặc định: theo tên tệp).",
        en: "jsonl, csv or raw (default: by the file's name).")
    public static let keyField = Sentence(
        vi: "Trường có giá trị được dùng làm khóa của bản ghi.",
        en: "The field whose value becomes the record's key.")
    public static let compression = Sentence(
        vi: "none (không nén), gzip, snappy, lz4 hoặc zstd.",
        en: "none, gzip, snappy, lz4 or zstd.")
    public static let subscribedGroup = Sentence(
        vi: "Nhóm nhận: tên cơ quan của bạn, hoặc tên bắt đầu bằng tên đó và một dấu chấm.",
        en: "The consumer group: your agency's name, or one that begins with it and a dot.")
    public static let from = Sentence(
        vi: "earliest (đầu), latest (cuối), một vị trí, hoặc thời điểm; với nhóm nhận thì chỉ dùng khi chưa lưu vị trí nào.",
        en: "earliest, latest, an offset, or a time; for a group, where it has no offset yet.")
    public static let purpose = Sentence(
        vi: "Mục đích nhận dữ liệu, một trong các mục đích ghi trong thỏa thuận.",
        en: "What you read for, one of the purposes that your agreement names.")
    public static let max = Sentence(vi: "Kết thúc sau chừng này bản ghi.", en: "End after so many records.")
    public static let untilEnd = Sentence(
        vi: "Kết thúc khi đã đọc hết những gì hiện có (không dùng cùng --group).",
        en: "End when everything that is there now has been read (without --group).")
    public static let quarantineTopic = Sentence(
        vi: "Khu cách ly, hoặc chủ đề có khu cách ly.", en: "The quarantine, or a topic that has one.")
    public static let quarantineEntry = Sentence(
        vi: "Mục, dạng chủ-đề/phân-vùng/vị-trí.", en: "The entry, as topic/partition/offset.")
    public static let quarantineEntries = Sentence(
        vi: "Các mục, dạng chủ-đề/phân-vùng/vị-trí.", en: "The entries, as topic/partition/offset.")
    public static let resolvedEntries = Sentence(vi: "Cả những mục đã xử lý.", en: "Those that were dealt with too.")
    public static let entriesMax = Sentence(vi: "Hiện nhiều nhất chừng này mục.", en: "Show at most so many.")
    public static let dropReason = Sentence(vi: "Lý do, được ghi lại cùng kết quả.", en: "Why, kept with it.")
    public static let correctedFile = Sentence(
        vi: "Tài liệu JSON đã sửa; - là đầu vào chuẩn.", en: "The corrected document, JSON; - is stdin.")
    public static let correctedKey = Sentence(
        vi: "Trường dùng làm khóa mới (mặc định: giữ khóa cũ).", en: "The field to take a new key from (default: the key stays).")
    public static let backupDirectory = Sentence(vi: "Thư mục của bản sao lưu.", en: "The backup's directory.")
    public static let sampleType = Sentence(vi: "Loại bản ghi.", en: "The type of record.")
    public static let sampleCount = Sentence(vi: "Số lượng.", en: "How many.")
    public static let sampleSeed = Sentence(vi: "Hạt giống (seed): số khác cho bản ghi khác.", en: "Another seed makes other records.")
    public static let benchBootstrap = Sentence(
        vi: "Địa chỉ máy chủ, thay cho địa chỉ trong hồ sơ.",
        en: "A broker's address instead of the profile's.")
    public static let benchPlaintext = Sentence(vi: "Không dùng TLS: để đo máy chủ khác.", en: "No TLS: for other brokers.")
    public static let benchProcess = Sentence(
        vi: "Mã tiến trình của máy chủ (mặc định: theo endpoints.json của hồ sơ).",
        en: "The broker's process id (default: from the profile's endpoints.json).")
    public static let benchMachine = Sentence(
        vi: "Đo cả giới hạn của máy trong cùng lần chạy.",
        en: "Measure the machine's own limits in the same run.")
    public static let benchRecords = Sentence(vi: "Số bản ghi.", en: "How many records.")
    public static let benchSharedConnections = Sentence(
        vi: "Số kết nối; các phân vùng được chia cho chúng.",
        en: "Connections; the partitions are shared out among them.")
    public static let benchFetchBytes = Sentence(vi: "Số byte yêu cầu trong mỗi lần nhận.", en: "Bytes asked for in one fetch.")
    public static let benchRecordBytes = Sentence(
        vi: "Số byte của mỗi bản ghi khi gửi, để tính tốc độ theo đó: bên bị giới hạn nhận ít byte hơn.",
        en: "Bytes of a record as it was published, to count by them: a restricted subscriber gets fewer.")
    public static let benchConnectionCount = Sentence(vi: "Số kết nối.", en: "Connections.")
    public static let benchPartitions = Sentence(
        vi: "Số phân vùng của chủ đề; chủ đề chưa có sẽ được tạo.",
        en: "Partitions of the topic, which is created where it is missing.")
    public static let benchAcks = Sentence(vi: "1 hoặc -1 (tất cả).", en: "1 or -1 (all).")
    public static let benchDiskDirectory = Sentence(
        vi: "Một thư mục trên đĩa cần đo.",
        en: "A directory on the disk to measure.")
    public static let benchSize = Sentence(vi: "Số byte của giá trị mỗi bản ghi.", en: "Bytes of a record's value.")
    public static let benchBatch = Sentence(
        vi: "Số byte của một lô trước khi nén (mặc định: một megabyte chia cho nhiều nhất 64 phân vùng).",
        en: "Bytes of a batch before compression (default: a megabyte shared by at most 64 partitions).")
    public static let benchInFlight = Sentence(
        vi: "Số yêu cầu chờ trả lời trên mỗi kết nối.",
        en: "Requests in flight on each connection.")
    public static let benchAnyAcks = Sentence(vi: "0, 1 hoặc -1 (tất cả).", en: "0, 1 or -1 (all).")
    public static let benchSchemas = Sentence(
        vi: "Thư mục lược đồ kèm theo mã nguồn.",
        en: "The directory of the schemas that come with the source.")
    public static let benchSchemaFormat = Sentence(
        vi: "json, avro hoặc protobuf: gửi lần lượt vào hai chủ đề, một chủ đề kiểm tra từng bản ghi, một chủ đề không, rồi so sánh.",
        en: "json, avro or protobuf: publish by turns to two topics, one that checks each record and one that does not, and compare.")
    public static let benchEvidence = Sentence(
        vi: "Gửi lần lượt vào hai chủ đề, một chủ đề có cây bằng chứng, một chủ đề không, rồi so sánh.",
        en: "Publish by turns to two topics, one with an evidence tree and one without, and compare.")
    public static let benchCaseMilliseconds = Sentence(
        vi: "Số mili giây CPU cho mỗi trường hợp.",
        en: "Milliseconds of CPU for each case.")
    public static let schemaDirectory = Sentence(vi: "Thư mục lược đồ.", en: "The directory.")
    public static let schemaSubject = Sentence(vi: "Tên đăng ký của tệp.", en: "The subject of the file.")
    public static let schemaReference = Sentence(
        vi: "Những gì tệp tham chiếu, theo tên dùng trong tệp; có thể lặp lại.",
        en: "What the file refers to, by the name it has there; may be repeated.")
    public static let allowBacktracking = Sentence(
        vi: "Cho phép mẫu có nhìn quanh và tham chiếu ngược, trong giới hạn số bước.",
        en: "Allow patterns with look-around and back-references, under a step limit.")
    public static let schemaDryRun = Sentence(vi: "Chỉ cho biết sẽ làm gì.", en: "Only say what it would do.")
    public static let schemaPrefix = Sentence(
        vi: "Chỉ những tên đăng ký bắt đầu như vậy.",
        en: "Only subjects whose name begins so.")
    public static let schemaAllVersions = Sentence(
        vi: "Mọi phiên bản, không chỉ bản mới nhất của mỗi tên đăng ký.",
        en: "Every version, and not only the latest of each subject.")
    public static let schemaDeleted = Sentence(vi: "Kể cả những lược đồ đã xóa tạm.", en: "The softly deleted too.")
    public static let schemaName = Sentence(vi: "Tên đăng ký.", en: "The subject.")
    public static let schemaVersion = Sentence(
        vi: "Một phiên bản của tên đăng ký (mặc định: mới nhất).",
        en: "A version of the subject (default: latest).")
    public static let schemaID = Sentence(
        vi: "Mã lược đồ, thay cho tên đăng ký.",
        en: "The schema's id, in place of a subject.")
    public static func schemaPath(manifest: String) -> Sentence {
        Sentence(vi: "Thư mục có tệp \(manifest), hoặc tệp của một lược đồ.", en: "A directory with a \(manifest), or one schema's file.")
    }
    public static let schemaFile = Sentence(vi: "Tệp lược đồ.", en: "The schema.")
    public static let referencedSchema = Sentence(
        vi: "Lược đồ được tham chiếu, theo tên hoặc URI dùng trong lược đồ. Có thể lặp lại.",
        en: "A schema that it refers to, by the name or URI under which it does. May be repeated.")
    public static let codeList = Sentence(
        vi: "Danh mục mã mà lược đồ nhắc tới, ví dụ wards@3. Có thể lặp lại.",
        en: "A code list that it names, such as wards@3. May be repeated.")
    public static let schemaFormat = Sentence(vi: "Ngôn ngữ của lược đồ.", en: "The language of the schema.")
    public static let documentLayout = Sentence(
        vi: """
            Cách các tài liệu nằm trong tệp: whole (cả tệp là một), lines (mỗi dòng một), hex (mỗi dòng một, viết ở hệ mười sáu). Mặc định: \
            lines với JSON trừ khi tên tệp kết thúc bằng .json, ngoài ra là whole.
            """,
        en: """
            How the documents stand in the file: whole (one), lines (one a line), hex (one a line, in hexadecimal digits). Default: lines for \
            JSON unless the file's name ends in .json, else whole.
            """)
    public static let ignoreFormats = Sentence(
        vi: "Coi `format` của JSON Schema chỉ là chú thích.", en: "Take JSON Schema's `format` as an annotation.")
    public static let documentFile = Sentence(vi: "Tệp tài liệu; - là đầu vào chuẩn (stdin).", en: "The documents; - for standard input.")
    public static let newSchema = Sentence(vi: "Lược đồ mới.", en: "The new schema.")
    public static let earlierSchema = Sentence(
        vi: "Một phiên bản trước. Có thể lặp lại, cũ nhất đứng trước.", en: "An earlier version. May be repeated, oldest first.")
    public static let referencedByAll = Sentence(
        vi: "Lược đồ mà chúng tham chiếu, theo tên hoặc URI dùng trong đó. Có thể lặp lại.",
        en: "A schema that they refer to, by the name or URI under which they do. May be repeated.")
    public static let compatibilityLevel = Sentence(
        vi: "BACKWARD, FORWARD hoặc FULL, mỗi mức có thể thêm _TRANSITIVE, hoặc NONE.",
        en: "BACKWARD, FORWARD or FULL, each also with _TRANSITIVE, or NONE.")
    public static let schemasFormat = Sentence(vi: "Ngôn ngữ của các lược đồ.", en: "The language of the schemas.")
    public static let receiptFile = Sentence(
        vi: "Tệp biên nhận, hoặc tệp do publish --receipts ghi.", en: "The receipt, or a file that publish --receipts wrote.")
    public static let logKeys = Sentence(
        vi: "Tệp các khóa công khai được tin cậy, mỗi dòng một khóa kiểm chứng (vkey) mang tên máy chủ hoặc tên nhật ký.",
        en: "The public keys that are trusted, one verifier key (vkey) a line, named after the host or the log.")
    public static let witnessPolicy = Sentence(
        vi: "Tệp chính sách (C2SP tlog-policy): bên làm chứng nào được tính, và cần bao nhiêu (mặc định: không cần).",
        en: "The policy file (C2SP tlog-policy): which witnesses count, and how many are needed (default: none).")
    public static let witnessAsked = Sentence(
        vi: "Hỏi bên làm chứng này (tên trong tệp chính sách) xem đã đồng ký gì, với hồ sơ do bên đó cấp: TÊN=TỆP; có thể lặp lại.",
        en: "Ask this witness of the policy file what it has cosigned, with the profile that its operator issued: NAME=FILE; may be repeated.")
    public static let clockSkew = Sentence(
        vi: "Đồng hồ của máy chủ và bên làm chứng được lệch nhau bao nhiêu giây.", en: "How many seconds the clocks of broker and witnesses may be apart.")
    public static let cosignedWithin = Sentence(
        vi: "Mỗi bản ghi phải được đủ bên làm chứng đồng ký chậm nhất bấy nhiêu giây sau thời điểm ghi nhận: hồ sơ bị bớt chữ ký sẽ không đạt. Cần --policy.",
        en: "Each record must have been cosigned by enough witnesses so soon after its append time: a case from which cosignatures were taken fails. Needs --policy.")
    public static let stampedWithin = Sentence(
        vi: "Mỗi bản ghi phải được đóng dấu thời gian chậm nhất bấy nhiêu giây sau thời điểm ghi nhận: hồ sơ bị bớt dấu thời gian sẽ không đạt. Cần --tsa-ca.",
        en: "Each record must have been time-stamped so soon after its append time: a case from which time-stamps were taken fails. Needs --tsa-ca.")
    public static let recordValue = Sentence(
        vi: "Tệp chứa bản ghi, để đối chiếu với biên nhận: tài liệu JSON đã gửi, hoặc các byte như đã lưu; với tệp của publish --receipts thì là tệp (mỗi dòng một tài liệu) đã gửi.",
        en: "The record, to be compared with the receipt: the JSON document that was published, or the bytes as stored; for a file of publish --receipts the file (JSON lines) that was published.")
    public static let recordKey = Sentence(vi: "Khóa của bản ghi, nếu có.", en: "The record's key, where it has one.")
    public static let recordHeader = Sentence(
        vi: "Một trường header của bản ghi, đúng thứ tự đã gửi. Có thể lặp lại.", en: "A header of the record, in the order sent. May be repeated.")
    public static let logFolder = Sentence(
        vi: "Tệp hồ sơ, thư mục chứa nhật ký, hoặc chủ đề.", en: "The case file, the folder with the log, or the topic.")
    public static let partitionOne = Sentence(vi: "Phân vùng.", en: "The partition.")
    public static let partitionAudited = Sentence(vi: "Chỉ phân vùng này của chủ đề.", en: "This partition of the topic only.")
    public static let exportOut = Sentence(
        vi: "Tệp hồ sơ (.zip), hoặc thư mục, nhận kết quả.", en: "The case file (.zip), or the folder, that gets it all.")
    public static let maskedRecords = Sentence(
        vi: "Kèm bản ghi như quy tắc cho bạn xem, không có muối: bút toán không chứng minh nội dung đã che.",
        en: "With the records as your rules show them, and no salts: no entry proves masked content.")
    public static let maskedAs = Sentence(
        vi: "Che như quy tắc cho nút này xem; dành cho ai được đọc toàn bộ bản ghi.", en: "Mask as the rules do for this node; for who may read the records whole.")
    public static let timestampAuthorities = Sentence(
        vi: "Chứng thư số (PEM) của tổ chức cấp dấu thời gian được tin cậy: kiểm tra cả dấu thời gian.",
        en: "The certificates (PEM) of the time-stamp authority to believe: time-stamps are judged too.")
    public static let authorities = Sentence(
        vi: "Chứng thư số (PEM) của các cơ quan chứng thực được tin cậy: kiểm tra cả chứng thư số của bên gửi.",
        en: "The certificates (PEM) of the authorities to believe: publishers' certificates are judged too.")
    public static let withRecords = Sentence(
        vi: "Cả nội dung bản ghi; cần quyền đọc chúng.", en: "The records' content too; needs the right to read it.")
    public static let replayFrom = Sentence(
        vi: "Bắt đầu từ: earliest, latest, một vị trí, hoặc một thời điểm ghi nhận (RFC 3339 hoặc ngày).",
        en: "Where to begin: earliest, latest, an offset, or a time of appending (RFC 3339 or a date).")
    public static let replayTo = Sentence(
        vi: "Kết thúc trước: latest, một vị trí, hoặc một thời điểm ghi nhận.", en: "Where to end, not included: latest, an offset, or a time of appending.")
    public static let rate = Sentence(vi: "Tốc độ đọc tối đa, MB mỗi giây.", en: "How fast to read at most, MB a second.")
    public static let rawValues = Sentence(vi: "In giá trị nguyên dạng thay cho JSON.", en: "Print the values as they are instead of JSON.")
    public static let verifyReplay = Sentence(
        vi: "Đối chiếu từng bản ghi với cây băm đã ký; cần --log-keys.", en: "Hold each record against the signed tree; needs --log-keys.")
    public static let recordOffset = Sentence(vi: "Vị trí của bản ghi.", en: "The record's offset.")
    public static let receiptOut = Sentence(vi: "Tệp nhận biên nhận (mặc định: đầu ra chuẩn).", en: "The file that gets the receipt (default: standard output).")
    public static let receipts = Sentence(
        vi: "Tệp nhận biên nhận của mọi bản ghi, mỗi dòng một biên nhận.", en: "The file that gets every record's receipt, one a line.")
    public static let savedCheckpoint = Sentence(
        vi: "Tệp giữ điểm kiểm tra của lần kiểm toán trước.", en: "The file that keeps the checkpoint of the last audit.")
    public static let rulesOf = Sentence(
        vi: "Theo quy tắc có hiệu lực tại thời điểm này: RFC 3339, hoặc một ngày. Cần vai trò auditor.",
        en: "Under the rules in force at this time: RFC 3339, or a date. Needs the role auditor.")
    public static let holdCase = Sentence(vi: "Số hiệu vụ việc, ví dụ 12/2026/HS-ST.", en: "The case's id, such as 12/2026/HS-ST.")
    public static let heldTopics = Sentence(vi: "Các chủ đề cần niêm giữ.", en: "The topics to hold.")
    public static let releasedTopics = Sentence(vi: "Các chủ đề được gỡ; không ghi là tất cả.", en: "The topics to release; all unless named.")
    public static let holdReason = Sentence(vi: "Căn cứ, ghi vào nhật ký kiểm toán.", en: "The reason, written to the audit.")
    public static let tracedRecord = Sentence(vi: "Bản ghi cần truy vết.", en: "The record to trace.")
    public static let tracedNode = Sentence(vi: "Nút cần truy vết.", en: "The node to trace.")
    public static let tracedSince = Sentence(
        vi: "Chỉ xem sổ từ thời điểm này: RFC 3339, hoặc một ngày.", en: "Look at the ledger from this time on: RFC 3339, or a date.")
}
