extension Help.Command {
    public static let program = Sentence(vi: "Máy chủ chia sẻ dữ liệu của thành phố.", en: "A city's data-sharing broker.")
    public static let initialize = Sentence(
        vi: "Tạo thư mục làm việc: broker.yaml, cơ quan chứng thực, thư mục dữ liệu, người quản trị.",
        en: "Make a state directory: broker.yaml, a certificate authority, the data directory, an administrator.")
    public static let serve = Sentence(vi: "Chạy máy chủ cho đến khi nhận SIGTERM.", en: "Run the broker until SIGTERM.")
    public static let serveMore = Sentence(
        vi: "SIGHUP khiến máy chủ đọc lại chứng thư số, danh sách thu hồi và thỏa thuận; khi các tệp đó thay đổi, máy chủ cũng tự đọc lại.",
        en: "SIGHUP reads certificates, revocation lists and agreements again; so does a change of their files.")
    public static let check = Sentence(
        vi: "Kiểm tra cấu hình và kho dữ liệu khi máy chủ không chạy; không thay đổi gì.",
        en: "Verify a configuration and its store, offline; changes nothing.")
    public static let checkMore = Sentence(
        vi: "Toàn bộ nhật ký dữ liệu được đọc lại. Máy chủ không được đang chạy: hãy dừng trước, hoặc kiểm tra một bản sao lưu.",
        en: "Every frame of the log is read. The broker must not run: stop it first, or verify a backup.")
    public static let doctor = Sentence(
        vi: "Cho biết bằng lời những gì cần xử lý: chứng thư số, danh sách thu hồi, đĩa, phân vùng, nhóm nhận bị chậm.",
        en: "Say in plain words what needs attention: certificates, revocation lists, disk, partitions, lag.")
    public static let doctorMore = Sentence(
        vi: "Hỏi máy chủ qua HTTPS những gì bạn được xem, và cổng theo dõi nếu gọi được từ đây (trên chính máy chủ). Kết thúc với mã 1 khi có lỗi, 0 khi mọi thứ đều ổn hoặc chỉ cần lưu ý.",
        en: "Asks the broker over HTTPS for what you may see, and its health listener where that can be reached from here (on the broker's own machine). Ends with status 1 when something is wrong, 0 when all is well or merely needs attention soon.")
    public static let cert = Sentence(
        vi: "Vận hành cơ quan chứng thực tích hợp: cấp, gia hạn, thu hồi, liệt kê chứng thư số, lập danh sách thu hồi.",
        en: "Run the built-in certificate authority: issue, renew, revoke, list, revocation lists.")
    public static let certMore = Sentence(
        vi: "Chỉ làm việc trên thư mục của cơ quan chứng thực, trên máy bất kỳ: không cần máy chủ đang chạy. Xem Certs/README.md.",
        en: "Works on the authority's directory alone, on any machine: no broker is asked. See Certs/README.md.")
    public static let certIssue = Sentence(
        vi: "Cấp chứng thư số cho một nút kèm sẵn các tệp cấu hình, hoặc cho máy chủ nếu có --host.",
        en: "Issue a node's certificate with ready-made client files, or a server's with --host.")
    public static let certRenew = Sentence(
        vi: "Cấp lại chứng thư số trong một thư mục cho cùng danh tính; chứng thư cũ vẫn có hiệu lực đến hạn của nó.",
        en: "Issue the certificate in a directory again, for the same identity; the old one stays valid until its own end.")
    public static let certProfile = Sentence(
        vi: "Ghi lại các tệp cấu hình của một thư mục: sau khi thư mục bị chuyển chỗ, hoặc khi máy chủ đổi địa chỉ.",
        en: "Write the client files of a directory again: after it moved, or for a broker at another address.")
    public static let certRevoke = Sentence(
        vi: "Thu hồi một chứng thư số cùng mọi chứng thư chung khóa với nó, hoặc thu hồi cả một nút, rồi ký danh sách thu hồi mới.",
        en: "Revoke a certificate and all others with its key, or a whole node, and sign a revocation list that says so.")
    public static let certCRL = Sentence(
        vi: "Ký danh sách thu hồi mới: làm hằng tuần nếu khóa của cơ quan chứng thực không để trên máy chủ.",
        en: "Sign a new revocation list: weekly, where the authority's key is not on the broker's machine.")
    public static let certList = Sentence(
        vi: "Liệt kê mọi chứng thư số mà cơ quan chứng thực đã cấp.",
        en: "List all certificates that the authority issued.")
    public static let topic = Sentence(
        vi: "Tạo, liệt kê, xem, sửa và xóa chủ đề.",
        en: "Create, list, describe, alter and delete topics.")
    public static let topicCreate = Sentence(vi: "Tạo một chủ đề.", en: "Create a topic.")
    public static let topicList = Sentence(vi: "Liệt kê các chủ đề bạn được xem.", en: "List the topics that you may see.")
    public static let topicDescribe = Sentence(
        vi: "Xem các phân vùng của chủ đề, vị trí đầu và cuối, cùng cấu hình của chủ đề.",
        en: "Show a topic's partitions with their bounds, and its configuration.")
    public static let topicAlter = Sentence(
        vi: "Sửa cấu hình của chủ đề, hoặc tăng số phân vùng.",
        en: "Change a topic's configuration, or give it more partitions.")
    public static let topicDelete = Sentence(
        vi: "Xóa chủ đề cùng mọi bản ghi. Không thể hoàn tác.",
        en: "Delete a topic with all its records. This cannot be undone.")
    public static let group = Sentence(
        vi: "Liệt kê, xem và đặt lại các nhóm nhận.",
        en: "List, describe and reset consumer groups.")
    public static let groupList = Sentence(vi: "Liệt kê các nhóm nhận bạn được xem.", en: "List the groups that you may see.")
    public static let groupDescribe = Sentence(
        vi: "Xem vị trí đã nhận và số bản ghi còn lại của nhóm, hoặc các thành viên.",
        en: "Show a group's offsets and lag, or its members.")
    public static let groupReset = Sentence(
        vi: "Dời vị trí của một nhóm nhận không có thành viên nào đang chạy.",
        en: "Move the offsets of a group that has no members.")
    public static let groupResetMore = Sentence(
        vi: "Nếu không có --execute thì chỉ cho xem những gì sẽ thay đổi.",
        en: "Without --execute it only shows what would change.")
    public static let policy = Sentence(
        vi: "Kiểm tra, ký, áp dụng, liệt kê, giải thích và chấm dứt các thỏa thuận chia sẻ dữ liệu.",
        en: "Check, sign, apply, list, explain and end the sharing agreements.")
    public static let policyCheck = Sentence(
        vi: "Kiểm tra các tệp thỏa thuận, không cần máy chủ.",
        en: "Check agreements files, offline.")
    public static let policyCheckMore = Sentence(
        vi: """
            Tìm lỗi, mâu thuẫn, mẫu chồng nhau, thỏa thuận sắp hết hạn. Với --schemas (thư mục lược đồ) hoặc --profile (hỏi máy chủ) còn tìm \
            trường mà lược đồ không có và trường cá nhân để lộ; với --profile cả thỏa thuận không ai dùng.
            """,
        en: """
            Finds mistakes, contradictions, overlapping patterns and what ends soon. With --schemas (a directory) or --profile (asks the broker) \
            also fields that the schema does not have and personal ones shown as they are; with --profile agreements that nobody uses too.
            """)
    public static let policyApply = Sentence(
        vi: "Đưa một bộ thỏa thuận vào hiệu lực, thay cho bộ trước đó.",
        en: "Put a set of agreements in force, in place of the set before.")
    public static let policyList = Sentence(
        vi: "Liệt kê các thỏa thuận liên quan đến bạn.",
        en: "List the agreements that concern you.")
    public static let policySign = Sentence(
        vi: "Ký một thỏa thuận bằng khóa của steward.", en: "Sign an agreement with a steward's key.")
    public static let policySignMore = Sentence(
        vi: """
            Ký nội dung của thỏa thuận ở dạng chuẩn (RFC 8785) bằng khóa trong hồ sơ, ghi vào <ID>.signatures.json cạnh tệp thỏa thuận. Đổi \
            cách trình bày hoặc chú thích thì chữ ký vẫn còn giá trị, đổi nội dung thì không.
            """,
        en: """
            Signs the agreement's meaning in its canonical form (RFC 8785) with the profile's key, into <ID>.signatures.json beside the \
            file. Layout and comments may change afterwards; a change of meaning voids the signature.
            """)
    public static let policyBreakGlass = Sentence(
        vi: "Mở quyền đọc khẩn cấp trong vài giờ; phải có hai người.", en: "Open access in an emergency for a few hours; it takes two people.")
    public static let policyBreakGlassMore = Sentence(
        vi: """
            Người thứ nhất gửi tệp có một thỏa thuận: mã bắt đầu bằng EMERGENCY-, lý do ở legalBasis, until trong vòng 24 giờ. Người thứ hai, \
            operator hoặc steward khác, xác nhận bằng --confirm: lệnh in ra nội dung và chỉ mở đúng nội dung ấy. Không ghi gì thì xem những yêu \
            cầu đang chờ. Mọi bước được ghi vào _audit.access và nhật ký; hết giờ thì tự đóng.
            """,
        en: """
            The first person sends a file with one agreement: an id that begins with EMERGENCY-, the reason as legalBasis, until within 24 hours. \
            The second, another operator or steward, confirms it with --confirm, which prints what it is and opens nothing else. With neither, \
            what waits is shown. Each step is written to _audit.access and the log; it ends by itself.
            """)
    public static let policyRequest = Sentence(
        vi: "Soạn dự thảo thỏa thuận cho một chủ đề mà bạn được xem mô tả.", en: "Draft an agreement for a topic that you may see described.")
    public static let policyRequestMore = Sentence(
        vi: """
            Ghi ra tệp YAML với cơ quan chủ quản, người cần hỏi, và các trường cá nhân hoặc nhạy cảm đã được che sẵn. Không gửi gì cho ai: \
            hãy chuyển dự thảo cho steward của cơ quan chủ quản.
            """,
        en: """
            Writes YAML with the owner, whom to ask, and personal or sensitive fields masked. Nothing is sent to anybody: bring the draft to \
            the owner's steward.
            """)
    public static let policyRehearse = Sentence(
        vi: "Cho biết một bộ thỏa thuận sẽ thêm và bớt quyền đọc của ai, mà chưa đưa vào hiệu lực.",
        en: "Say what a set of agreements would give and take, without putting it in force.")
    public static let policyRehearseMore = Sentence(
        vi: """
            Đối chiếu với các nhóm nhận đang hoạt động và các lượt đọc đã ghi trong _audit.access những ngày gần đây: ai sẽ mất chủ đề nào, \
            trường nào, bản ghi nào, và thỏa thuận nào không ai dùng. Dành cho operator và auditor.
            """,
        en: """
            Held against the live groups and the accesses that _audit.access has of the last days: who would lose which topics, fields or \
            records, and which agreements nobody uses. For operators and auditors.
            """)
    public static let policyExplain = Sentence(
        vi: "Cho biết vì sao một nút được hay không được làm gì, vào lúc này hoặc một thời điểm đã qua.",
        en: "Say why a node may or may not do something, now or at a time in the past.")
    public static let policyExplainMore = Sentence(
        vi: """
            Trả lời bằng quy tắc đã cho phép, hoặc quyền còn thiếu và người cần hỏi. Dành cho operator, auditor, và steward của cơ quan \
            chủ quản chủ đề hoặc cơ quan của nút đó. Mỗi phiên bản thỏa thuận đã áp dụng đều được giữ lại, nên hỏi được về quá khứ.
            """,
        en: """
            Answers with the rule that allowed it, or the right that is missing and whom to ask. For operators, auditors, and stewards \
            of the agency that owns the topic or that the node belongs to. Every applied version is kept, so the past can be asked about.
            """)
    public static let policyEnd = Sentence(
        vi: "Chấm dứt một thỏa thuận ngay lúc này, trước ngày hết hiệu lực.",
        en: "End an agreement now, before its date.")
    public static let policyEndMore = Sentence(
        vi: """
            Các phiên đang kết nối mất quyền trong vòng vài giây. Áp dụng lại chính các tệp cũ không làm thỏa thuận có hiệu lực trở lại; \
            muốn vậy phải sửa thỏa thuận đó.
            """,
        en: """
            Live sessions lose the access within seconds. Applying the same files again does not bring the agreement back; changing the \
            agreement does.
            """)
    public static let quota = Sentence(vi: "Xem và đặt hạn mức của nút và cơ quan.", en: "Show and set what nodes and agencies may use.")
    public static let quotaMore = Sentence(
        vi: """
            Dành cho operator. Một hạn mức là của một nút, cơ-quan/đơn-vị/nút, của cả cơ quan, cơ-quan/*, hoặc default: mọi nút không có hạn mức \
            riêng. Các hạn mức: producer_byte_rate, consumer_byte_rate, request_rate, connections_max, stored_bytes_max.
            """,
        en: """
            For operators. A quota is that of a node, agency/unit/node, of an agency as a whole, agency/*, or default: every node without one of \
            its own. There are producer_byte_rate, consumer_byte_rate, request_rate, connections_max and stored_bytes_max.
            """)
    public static let quotaList = Sentence(vi: "Liệt kê các hạn mức.", en: "List the quotas.")
    public static let quotaSet = Sentence(
        vi: "Đặt hạn mức; có hiệu lực từ yêu cầu kế tiếp.", en: "Set quotas; they hold from the next request on.")
    public static let quotaClear = Sentence(vi: "Bỏ hạn mức.", en: "Remove quotas.")
    public static let publish = Sentence(
        vi: "Gửi các bản ghi từ tệp hoặc từ đầu vào chuẩn (stdin).",
        en: "Publish records from a file or from stdin.")
    public static let publishMore = Sentence(
        vi: """
            jsonl: mỗi dòng một tài liệu JSON. csv (mã UTF-8): hàng đầu ghi tên trường, lược đồ của chủ đề cho biết ô là số, đúng/sai hay \
            chuỗi; với chủ đề không có lược đồ, hãy ghi “dose:integer”, “pm25:number”, “urgent:boolean”; ô trống nghĩa là \
            không có trường đó; dấu phẩy, chấm phẩy hoặc tab gặp đầu tiên trong hàng ấy là dấu ngăn cách mọi ô. raw: cả tệp là một bản \
            ghi, gửi nguyên từng byte.

            Với chủ đề có lược đồ, tài liệu JSON được ghi theo định dạng của lược đồ (JSON, Avro, Protobuf) và máy chủ kiểm tra từng bản ghi. Bản \
            ghi sai bị bỏ lại và được nêu rõ số dòng, trường và quy tắc; các bản ghi khác vẫn được gửi, đúng thứ tự; khi có bản ghi bị từ chối, \
            lệnh kết thúc với mã 1.

            Tệp được đọc hết một lượt trước khi gửi: có một dòng không đọc được thì không gửi gì. Bản ghi không bị gửi trùng, và chỉ được \
            đếm khi đã lưu bền vững.
            """,
        en: """
            JSON lines: one document a line. CSV in UTF-8: the first row names the fields, and the topic's schema says which cells are \
            numbers, booleans or text; for a topic without one write “dose:integer”, “pm25:number”, “urgent:boolean”; an \
            empty cell leaves its field out; the first comma, semicolon or tab of that row is what separates all cells. raw: the whole \
            file is one record, byte for byte.

            For a typed topic the documents are written in the schema's format (JSON, Avro, Protobuf), and the broker checks every record. Bad \
            ones are left out and named with line, field and rule; the others are published, in order; the command ends with 1 when \
            some were refused.

            A file is read through once before anything is sent: a line that cannot be read sends nothing. Records are sent \
            idempotently and counted when they are durable.
            """)
    public static let subscribe = Sentence(
        vi: "Nhận bản ghi của một chủ đề, với tư cách thành viên một nhóm nhận hoặc nhận riêng.",
        en: "Read records of a topic, as a member of a group or on your own.")
    public static let subscribeMore = Sentence(
        vi: """
            In giá trị của mỗi bản ghi trên một dòng; với --output json thì kèm phân vùng, vị trí, thời điểm, khóa và giá trị. Bản ghi của chủ đề \
            có lược đồ được in dạng JSON, cả khi là Avro hay Protobuf; bản ghi đính chính được chỉ rõ nó đính chính bản ghi nào. \
            Với --group, các thành viên của nhóm chia nhau các phân vùng và vị trí được lưu lại: bản ghi đã in sẽ không in nữa. Kết thúc sau \
            --max bản ghi, khi đọc hết nếu có --until-end, hoặc khi nhấn Ctrl-C.
            """,
        en: """
            Prints each record's value on a line of its own; with --output json an envelope with partition, offset, time, key and \
            value. Records of a typed topic are printed as JSON, Avro and Protobuf too, and what corrects an earlier \
            record says which. With --group the members of the group share the partitions and their offsets are committed: what was \
            printed is not printed again. Ends after --max records, at the end with --until-end, or with Ctrl-C.
            """)
    public static let quarantine = Sentence(
        vi: "Xem và xử lý các bản ghi bị từ chối mà khu cách ly đang giữ.",
        en: "See refused records that a quarantine keeps, and deal with them.")
    public static let quarantineMore = Sentence(
        vi: """
            Chủ đề có cấu hình hanbridge.quarantine giữ lại bản ghi bị từ chối, kèm nơi gửi, người gửi và lý do. Mỗi mục mang tên \
            chủ-đề/phân-vùng/vị-trí. Muốn đọc thì cần quyền subscribe trên khu cách ly; muốn sửa hoặc bỏ thì cần thêm publish, và khi sửa thì cả \
            publish trên chủ đề gốc.
            """,
        en: """
            A topic with hanbridge.quarantine keeps what it refuses, with origin, publisher and reasons. An entry is named \
            topic/partition/offset. Reading takes the right to subscribe to the quarantine; dealing with entries takes publish on it too, and \
            fixing one publish on its origin.
            """)
    public static let quarantineList = Sentence(
        vi: "Liệt kê các mục đang chờ xử lý của một khu cách ly, hoặc của một chủ đề có khu cách ly.",
        en: "List the open entries of a quarantine, or those of a topic that has one.")
    public static let quarantineShow = Sentence(
        vi: "Xem một mục: lý do bị từ chối và nội dung.", en: "Show an entry: why it was refused, and what it was.")
    public static let quarantineShowMore = Sentence(
        vi: "Nội dung được in ra đầu ra chuẩn, phần còn lại ra stderr: ghi nội dung vào tệp, sửa rồi dùng “quarantine fix”.",
        en: "The document goes to stdout and the rest to stderr: write it to a file, mend it, and give that to “quarantine fix”.")
    public static let quarantineFix = Sentence(
        vi: "Gửi bản đã sửa của một mục vào chủ đề gốc và đánh dấu mục đó đã xử lý.",
        en: "Publish the corrected document of an entry to its origin, and mark the entry as dealt with.")
    public static let quarantineFixMore = Sentence(
        vi: """
            Bản ghi được gửi giữ nguyên khóa, thời điểm và tiêu đề của bản gốc, thêm tiêu đề hanbridge-quarantined ghi tên mục. Tài liệu là JSON, trên \
            bao nhiêu dòng cũng được, và được ghi theo định dạng của lược đồ.
            """,
        en: """
            What is published keeps key, time and headers of the original, and names the entry in the header hanbridge-quarantined. The \
            document is JSON, on any number of lines, and is written in the schema's format.
            """)
    public static let quarantineDrop = Sentence(
        vi: "Đánh dấu các mục là bỏ, không gửi lại.", en: "Mark entries as dealt with, without publishing anything.")
    public static let backup = Sentence(
        vi: "Sao lưu máy chủ đang chạy, kiểm tra và khôi phục bản sao lưu.",
        en: "Back up a running broker, verify a backup, restore one.")
    public static let backupMore = Sentence(
        vi: "Không có bản sao lưu trên đĩa khác thì mất một đĩa là mất dữ liệu.",
        en: "Without a backup on another disk, one lost disk is lost data.")
    public static let backupCreate = Sentence(
        vi: "Sao chép nhật ký dữ liệu, siêu dữ liệu, cấu hình và khóa của máy chủ đang chạy.",
        en: "Copy log, metadata, configuration and keys of the running broker.")
    public static let backupCreateMore = Sentence(
        vi: """
            Máy chủ tự ghi bản sao trên chính máy của nó, vào một thư mục mới trong backup.directory của broker.yaml. Cần vai trò operator. \
            Bản sao có khóa riêng: hãy giữ cẩn thận như giữ khóa, và để trên đĩa khác.
            """,
        en: """
            The broker writes the copy itself, on its own machine, into a new directory under backup.directory of broker.yaml. Needs the \
            role operator. The copy contains private keys: keep it as you keep them, and on another disk.
            """)
    public static let backupVerify = Sentence(
        vi: "Đọc hết một bản sao lưu và cho biết có khôi phục được không; không cần máy chủ.",
        en: "Read a whole backup and say whether it could be restored; offline.")
    public static let backupRestore = Sentence(
        vi: "Tạo thư mục làm việc từ bản sao lưu, sẵn sàng cho “hanbridge serve”.",
        en: "Make a state directory of a backup, ready for “hanbridge serve”.")
    public static let sample = Sentence(
        vi: "Tạo các bản ghi mẫu giống thật của một loại dữ liệu của thành phố, mỗi dòng một tài liệu JSON.",
        en: "Make realistic records of one of the city's kinds of message, as JSON lines.")
    public static func sampleMore(types: [String]) -> Sentence {
        let list = types.joined(separator: ", ")
        return Sentence(
            vi: "Cùng loại, hạt giống (seed) và số lượng thì máy nào cũng tạo ra cùng các bản ghi. Các loại: \(list).",
            en: "The same type, seed and count make the same records on every machine. Types: \(list).")
    }
    public static let bench = Sentence(
        vi: "Đo hiệu năng máy chủ, kèm giới hạn của chính máy này.",
        en: "Measure a broker, and the machine's own limits beside it.")
    public static let benchMore = Sentence(
        vi: """
            Tải được gửi qua TLS hai chiều bằng chứng thư số trong hồ sơ; --bootstrap MÁY:CỔNG --plaintext dùng để đo máy chủ Kafka khác. \
            Nút cần thỏa thuận về chủ đề với may: [publish, subscribe]; chủ đề chưa có thì do operator tạo, hoặc do nút có thêm quyền \
            administer trong thỏa thuận. Lô bản ghi được tạo một lần rồi gửi lại nhiều lần để bên tạo tải tốn ít tài nguyên. CPU và bộ \
            nhớ của máy chủ được đọc từ /proc nếu tiến trình chạy trên máy này.
            """,
        en: """
            Load comes over mutual TLS with the profile's certificate; --bootstrap HOST:PORT --plaintext drives another Kafka broker. \
            The node needs an agreement on the topic with may: [publish, subscribe]; a topic that is missing an operator creates, or \
            a node whose agreement says administer as well. Batches are made once and sent again and again, so that the generator \
            costs little beside the broker on the same machine. Broker CPU and memory are read from /proc when its process is on \
            this machine.
            """)
    public static let benchConnections = Sentence(
        vi: "Mở các kết nối không hoạt động và đo chi phí mỗi kết nối đối với máy chủ.",
        en: "Open idle connections and measure what each costs the broker.")
    public static let benchConnectionsMore = Sentence(
        vi: "Giới hạn của máy chủ vẫn áp dụng: muốn nhiều hơn hãy tăng connectionsPerNodeMax ở mục limits: của broker.yaml.",
        en: "The broker's own caps hold: raise connectionsPerNodeMax under limits: of broker.yaml for more than it allows.")
    public static let benchConsume = Sentence(
        vi: "Đọc một chủ đề nhanh hết mức, lặp lại từ đầu nhiều lần.",
        en: "Read a topic as fast as it comes, from the start again and again.")
    public static let benchLatency = Sentence(
        vi: "Gửi mỗi yêu cầu một bản ghi, mỗi kết nối chờ xác nhận rồi mới gửi tiếp.",
        en: "Publish one record a request, each connection waiting for its acknowledgement.")
    public static let benchLimits = Sentence(
        vi: "Đo giới hạn của chính máy này: sao chép bộ nhớ, AES-GCM, fdatasync, TCP nội bộ.",
        en: "Measure the machine's own limits: memory copy, AES-GCM, fdatasync, loopback TCP.")
    public static let benchPolicy = Sentence(
        vi: "Đo chi phí của một quyết định theo thỏa thuận trên một lõi, không cần máy chủ.",
        en: "Measure what a decision by the agreements costs on one core, without a broker.")
    public static let benchPolicyMore = Sentence(
        vi: "Với 10, 200 và 2.000 thỏa thuận. Máy chủ nhớ quyết định theo từng kết nối, nên mỗi bản ghi tốn ít hơn nhiều. Thời gian là thời gian CPU.",
        en: "With 10, 200 and 2,000 agreements. The broker remembers decisions by connection, so a record costs far less. Time is CPU time.")
    public static let benchProduce = Sentence(
        vi: "Gửi nhanh hết mức mà máy chủ kịp xác nhận.",
        en: "Publish as fast as the broker acknowledges.")
    public static let benchProject = Sentence(
        vi: "Đo tốc độ che trường và chọn bản ghi cho bên chỉ được xem một phần, trên một lõi, không cần máy chủ.",
        en: "Measure how fast records are cut to what a restricted subscriber may see, on one core, without a broker.")
    public static let benchProjectMore = Sentence(
        vi: """
            Bản ghi là yêu cầu dịch vụ công có ghi chú dài đủ --size byte, ở từng định dạng: masked là che bốn trường, hashed là băm một trường và \
            bỏ một trường, allowed là chỉ cho xem sáu trường, hidden là bản ghi không thuộc phạm vi được xem. Thời gian là thời gian CPU.
            """,
        en: """
            Records are service requests whose note makes them --size bytes long, in each format: masked masks four fields, hashed hashes one and \
            drops one, allowed shows six, hidden is of records that are none of the rows. Time is CPU time.
            """)
    public static let benchValidate = Sentence(
        vi: "Đo tốc độ kiểm tra bản ghi theo lược đồ trên một lõi, không cần máy chủ.",
        en: "Measure how fast records are checked against their schemas on one core, without a broker.")
    public static let benchValidateMore = Sentence(
        vi: """
            Với mỗi loại bản ghi và mỗi định dạng: bản ghi mẫu đúng như khi gửi, và yêu cầu dịch vụ công có ghi chú dài đủ --size byte. \
            Thời gian là thời gian CPU.
            """,
        en: """
            For each kind of record and each format: sample records as they are, and service requests whose note makes them --size \
            bytes long. Time is CPU time.
            """)
    public static let schema = Sentence(
        vi: "Kiểm tra, đăng ký và xem lược đồ của các loại dữ liệu.",
        en: "Check, register and read the schemas of messages.")
    public static let schemaCheck = Sentence(
        vi: "Kiểm tra một thư mục lược đồ, không cần máy chủ.",
        en: "Check a directory of schemas, offline.")
    public static let schemaRegister = Sentence(
        vi: "Đăng ký lược đồ: cả thư mục như trong git, được hết hoặc không gì cả, hay một tệp.",
        en: "Register schemas: a directory as git keeps it, all or none, or one file.")
    public static let schemaList = Sentence(vi: "Liệt kê các lược đồ bạn được xem.", en: "List the schemas that you may read.")
    public static let schemaGet = Sentence(vi: "In một lược đồ.", en: "Print a schema.")
    public static func schemaCheckMore(manifest: String) -> Sentence {
        Sentence(
            vi: "Thư mục có tệp \(manifest) ghi từng tên đăng ký, tệp của nó và những gì nó tham chiếu.",
            en: "The directory has a \(manifest), which names each subject, its file and what it refers to.")
    }
    public static let schemaValidate = Sentence(
        vi: "Kiểm tra các tài liệu theo một lược đồ, không cần máy chủ.", en: "Check documents against a schema, offline.")
    public static let schemaValidateMore = Sentence(
        vi: """
            Kết luận giống như của máy chủ. Với --output json, mỗi tài liệu có một dòng: {"valid":false,"errors":[{"path":…, \
            "rule":…,"message":…}]}. Mã kết thúc là 1 khi có tài liệu không hợp lệ.
            """,
        en: """
            The verdicts are those of the broker. With --output json there is a line for each document: {"valid":false,"errors":[{"path":…, \
            "rule":…,"message":…}]}. The exit status is 1 where a document is refused.
            """)
    public static let schemaCompare = Sentence(
        vi: "Cho biết một lược đồ có thể là phiên bản kế tiếp của các bản trước hay không; không cần máy chủ.",
        en: "Say whether a schema may become the next version after earlier ones, offline.")
    public static let schemaCompareMore = Sentence(
        vi: """
            Kết luận giống như của sổ đăng ký, theo các mức của nó. Với --output json, mỗi điều cản trở có một dòng: \
            {"path":…,"rule":…,"message":…}. Mã kết thúc là 1 khi có điều cản trở.
            """,
        en: """
            The verdict is the registry's, by its levels. With --output json there is a line for each thing in the way: \
            {"path":…,"rule":…,"message":…}. The exit status is 1 where there is one.
            """)
    public static let receipt = Sentence(vi: "Kiểm chứng biên nhận của bản ghi đã gửi.", en: "Verify receipts of published records.")
    public static let receiptVerify = Sentence(
        vi: "Kiểm chứng một biên nhận, không cần máy chủ.", en: "Verify a receipt, offline.")
    public static let receiptVerifyMore = Sentence(
        vi: """
            Biên nhận là tệp .tlog-proof theo chuẩn C2SP. Lệnh kiểm tra chữ ký của nhật ký, số bên làm chứng theo tệp chính sách và \
            đường dẫn từ bút toán tới gốc đã ký; với --value thì cả nội dung bản ghi. Mã kết thúc là 1 khi biên nhận không đúng.
            """,
        en: """
            A receipt is a .tlog-proof file as C2SP defines it. Checked are the log's signature, the witnesses that the policy file asks for and \
            the way from the entry to the signed root; with --value the record's content too. The exit status is 1 where it does not hold.
            """)
    public static let witness = Sentence(vi: "Làm chứng cho nhật ký của các máy chủ khác.", en: "Witness the logs of other brokers.")
    public static let witnessServe = Sentence(
        vi: "Chạy riêng một bên làm chứng, trên máy của một cơ quan khác.", en: "Run a witness alone, on another department's machine.")
    public static let witnessServeMore = Sentence(
        vi: """
            Bên làm chứng (C2SP tlog-witness) nhớ điểm kiểm tra cuối cùng của mỗi nhật ký và chỉ đồng ký điểm kiểm tra được chứng minh là nối tiếp nó; \
            những gì mâu thuẫn được giữ lại làm bằng chứng trong thư mục forks. Khóa được tạo ở lần chạy đầu; hãy gửi tệp witness.vkey cho các bên cần tin nó. \
            Dừng bằng SIGTERM.
            """,
        en: """
            A witness (C2SP tlog-witness) remembers the last checkpoint of each log and cosigns only what is proved to continue it; what contradicts it \
            is kept as evidence in the folder forks. The key is made at the first start; send the file witness.vkey to those who are to trust it. SIGTERM \
            stops it.
            """)
    public static let audit = Sentence(vi: "Kiểm toán nhật ký của các chủ đề.", en: "Audit the logs of topics.")
    public static let auditVerify = Sentence(
        vi: "Kiểm chứng toàn bộ nhật ký của một chủ đề, hoặc một hồ sơ hay nhật ký đã xuất (không cần máy chủ).",
        en: "Verify the whole logs of a topic, or a case file or log that was exported (offline).")
    public static let auditExport = Sentence(
        vi: "Lập hồ sơ chứng cứ của một chủ đề, hoặc một khoảng của nó.", en: "Make a case file of a topic, or of a range of it.")
    public static let auditExportMore = Sentence(
        vi: """
            Một tệp zip nếu tên kết thúc bằng .zip, nếu không thì một thư mục. Mỗi phân vùng có một thư mục con mang số của nó, bố cục theo chuẩn C2SP tlog-tiles: checkpoint, tile/…, tile/entries/…; với --records thì \
            có thêm records/… và openings/…, nội dung bản ghi và muối của chúng, dành cho ai được quyền đọc; với --masked thì có masked/…, bản ghi như quy tắc cho xem. Có kèm chứng thư số của bên gửi với danh sách thu \
            hồi lúc đó, các lược đồ, và các thỏa thuận có hiệu lực trong khoảng ấy; case.json ghi rõ những gì còn thiếu. Dùng `audit verify` để kiểm chứng.
            """,
        en: """
            A zip file where the name ends in .zip, else a folder. Each partition has a folder of its number, laid out as C2SP tlog-tiles says: checkpoint, tile/…, tile/entries/…; with --records also \
            records/… and openings/…, the records' content and its salts, for those who may read it; with --masked masked/…, the records as rules show them. With them go publishers' certificates with the revocation lists of the \
            time, schemas, and the agreements in force over the range; case.json says what is lacking. `audit verify` verifies it.
            """)
    public static let replay = Sentence(vi: "Đọc lại một khoảng của chủ đề.", en: "Read a range of a topic again.")
    public static let replayMore = Sentence(
        vi: """
            In ra từng dòng JSON, lần lượt từng phân vùng. --from và --to là vị trí, thời điểm máy chủ ghi nhận, earliest hoặc latest; --to không \
            gồm chính nó. Phải khai báo mục đích. Với --verify, mỗi bản ghi được đối chiếu với cây băm đã ký trước khi in; bản ghi sai không bao \
            giờ được in và mã kết thúc là 1.
            """,
        en: """
            Prints JSON lines, partition by partition. --from and --to are an offset, a time of appending, earliest or latest; --to is not included. \
            A purpose must be declared. With --verify each record is held against the signed tree before it is printed; one that does not fit is \
            never printed, and the exit status is 1.
            """)
    public static let auditProof = Sentence(vi: "Lấy biên nhận của một bản ghi.", en: "Get the receipt of a record.")
    public static let auditVerifyMore = Sentence(
        vi: """
            Thư mục có bố cục như chuẩn C2SP tlog-tiles: checkpoint, tile/…, tile/entries/…. Mỗi khoảng vị trí nhận một kết luận: VERIFIED, \
            ALTERED, MISSING, REORDERED hay BACKDATED. Bút toán được kiểm tra; nội dung bản ghi cũng vậy nếu có trong thư mục, hoặc với --records. \
            Mã kết thúc là 1 khi có kết luận xấu. Với --saved, \
            nhật ký phải nối tiếp điểm kiểm tra của lần trước, và điểm kiểm tra mới được ghi vào đó khi kiểm toán đạt; với chủ đề, tên tệp được \
            thêm số phân vùng. Với --policy, phải có đủ bên làm chứng, và thời điểm ghi nhận phải nằm giữa các lần họ đồng ký; với --witness, nhật ký \
            được đối chiếu với điều chính họ đã thấy. Với hồ sơ, NOT PROVEN nêu những gì không có gì trong đó chứng minh.
            """,
        en: """
            The folder is laid out as C2SP tlog-tiles says: checkpoint, tile/…, tile/entries/…. Each range of offsets gets one verdict: VERIFIED, \
            ALTERED, MISSING, REORDERED or BACKDATED. Entries are checked; the records' content too where the folder has it, or with --records. The exit status is 1 on a bad verdict. With --saved \
            the log must continue the checkpoint of the last audit, and the new one is kept there when the audit passes; of a topic's logs, each \
            under the file's name and its partition's number. With --policy enough witnesses must have cosigned, and append times must lie between \
            their cosigning times; with --witness the log is held against what they themselves saw. Of a case NOT PROVEN says what nothing in it vouches for.
            """)
    public static let hold = Sentence(
        vi: "Niêm giữ dữ liệu theo hồ sơ vụ việc: không gì bị xóa.", en: "Legal holds by case: nothing of a held topic is deleted.")
    public static let holdMore = Sentence(
        vi: """
            Khi một vụ việc còn niêm giữ một chủ đề, thời hạn lưu giữ, lệnh xóa bản ghi, lệnh xóa chủ đề và việc dọn bằng chứng đều dừng lại. Operator, \
            auditor hoặc steward của cơ quan chủ quản được đặt; chỉ auditor hoặc steward của cơ quan chủ quản được gỡ. Mọi lần đều ghi vào _audit.access.
            """,
        en: """
            While a case holds a topic, retention, the deletion of records and of the topic, and the pruning of evidence stop. Operators, auditors and \
            stewards of the owner place a hold; only auditors and stewards of the owner release it. Each time is written to _audit.access.
            """)
    public static let holdPlace = Sentence(vi: "Niêm giữ các chủ đề cho một vụ việc.", en: "Let a case hold topics.")
    public static let holdRelease = Sentence(vi: "Gỡ niêm giữ của một vụ việc.", en: "Release what a case holds.")
    public static let holdList = Sentence(vi: "Liệt kê các niêm giữ.", en: "List the holds.")
    public static let log = Sentence(vi: "Xử lý nhật ký của phân vùng.", en: "Deal with a partition's log.")
    public static let logReopen = Sentence(
        vi: "Đóng nhật ký không còn khớp với những gì bên khác đã thấy, rồi tiếp tục dưới một tên mới.",
        en: "Close a log that is not the one that others know, and go on under another name.")
    public static let logReopenJournal = Sentence(
        vi: "Tiếp tục sổ điểm kiểm tra (phần được đóng dấu thời gian) dưới một tên mới khi nó không còn khớp với những gì bên làm chứng đã thấy.",
        en: "Go on under another name with the journal that is time-stamped, where it is not the one that witnesses know.")
    public static let logReopenMore = Sentence(
        vi: """
            Dùng khi máy chủ đã ngừng một phân vùng vì kho được khôi phục từ bản cũ hoặc đã bị sửa, và không còn kho nào mới hơn. Nhật ký cũ được đóng tại \
            điểm kiểm tra cuối cùng mà mọi bên cùng có và vẫn kiểm chứng được; những bản ghi đang có nằm lại nguyên chỗ và là phần đầu của nhật ký mới. Việc này \
            được ghi vào _audit.access để kiểm toán viên nối hai nhật ký. Nếu chính _audit.access bị ngừng thì hãy mở lại nó trước. Chỉ dành cho operator.
            """,
        en: """
            For a partition that the broker has taken out of service because an older state was restored or its files were changed, where no newer \
            state is left. The old log is closed at the last checkpoint that all have and stays verifiable; the records that are there stay where they are and \
            are the beginning of the next log. A record of _audit.access links the two for auditors. Where _audit.access itself is out of service, \
            reopen it first. For operators.
            """)
    public static let auditTrace = Sentence(
        vi: "Ai đã nhận bản ghi này, hoặc nút này đã nhận những gì.", en: "Who received this record, or what did this node receive.")
    public static let auditTraceMore = Sentence(
        vi: """
            Đọc sổ giao nhận _audit.delivery, cần vai trò auditor. Mỗi dòng là một lần giao: những vị trí nào, trường nào bị che, cho mục đích nào, \
            theo điều khoản nào của phiên bản thỏa thuận nào. “Có thể đã giao” là những gì đã được ghi sổ trước khi giao và máy chủ bị ngắt đột ngột \
            trước khi ghi lại kết quả.
            """,
        en: """
            Reads the delivery ledger, _audit.delivery, for which the role auditor is needed. A line is a delivery: which offsets, which fields were \
            changed, for which purpose, by which rule of which version of the agreements. “Possibly delivered” is what was reserved when the broker was \
            cut off, before it could tell what became of it.
            """)
}
