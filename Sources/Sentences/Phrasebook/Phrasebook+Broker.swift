extension Phrasebook {
    /// What the broker answers over the Kafka protocol, and the reasons that HTTPS and the audit share with it.
    static let broker = #"""
        {} is a number from {}
          {} phải là số từ {}
        no agreement or role lets this node do that to a topic of this name
          không có thỏa thuận hay vai trò nào cho phép nút này làm việc đó với chủ đề mang tên này
        what a node may do with the cluster its certificate's roles say, not an ACL
          một nút được làm gì với cụm là do vai trò trên chứng thư quy định, không phải ACL
        this broker has no ACLs of transactional ids, delegation tokens and users
          máy chủ này không có ACL cho mã giao dịch, mã ủy quyền và người dùng
        an ACL needs one type of resource
          ACL phải có một loại tài nguyên
        an ACL needs the pattern type LITERAL or PREFIXED
          ACL phải có kiểu mẫu LITERAL hoặc PREFIXED
        an ACL needs the permission ALLOW or DENY
          ACL phải có loại quyền ALLOW hoặc DENY
        an ACL needs one operation
          ACL phải có một thao tác
        the host must be *: a node is known by its certificate, wherever it connects from
          host phải là *: nút được nhận biết bằng chứng thư, dù kết nối từ đâu
        CREATE, DELETE, ALTER and ALTER_CONFIGS are not given one by one here: an agreement's “administer”, or ALL, gives them together
          CREATE, DELETE, ALTER và ALTER_CONFIGS không cấp riêng lẻ ở đây: “administer” trong thỏa thuận, hoặc ALL, cấp tất cả cùng lúc
        this operation is not one of a topic or a group
          thao tác này không phải là thao tác trên chủ đề hay nhóm nhận
        the filter has a number that nobody knows
          bộ lọc có một số không xác định
        the ACLs cannot be read
          không đọc được các ACL
        there are at most {} ACLs; write agreements for what lasts
          chỉ được nhiều nhất {} ACL; những gì lâu dài hãy lập thỏa thuận
        topic {} is classified {}, and an ACL opens only topics that are classified open or internal; write an agreement: hanbridge policy request {}, then hanbridge policy apply
          chủ đề {} được phân loại {}, mà ACL chỉ mở được chủ đề phân loại open hoặc internal; hãy lập thỏa thuận: hanbridge policy request {}, rồi hanbridge policy apply
        topic “{}” is held for case {}: nothing of it may be deleted before the hold is released
          chủ đề “{}” đang được niêm giữ cho vụ việc {}: không được xóa gì trước khi gỡ niêm giữ
        topic “{}” is held for {} cases already
          chủ đề “{}” đã được niêm giữ cho {} vụ việc
        case {} holds no such topic
          vụ việc {} không niêm giữ chủ đề như vậy
        topic “{}” is the broker's own, of which nothing is deleted
          chủ đề “{}” là của chính máy chủ, không gì trong đó bị xóa
        a hold is placed by an operator, an auditor or a steward of the owner, and released by an auditor or a steward of the owner
          đặt niêm giữ cần operator, auditor hoặc steward của cơ quan chủ quản; gỡ niêm giữ cần auditor hoặc steward của cơ quan chủ quản
        a case id is 1 to {} ASCII letters, digits and -._/
          số hiệu vụ việc gồm 1 đến {} ký tự ASCII: chữ, số và -._/
        {} is set by hanbridge hold alone
          {} chỉ được đặt bằng hanbridge hold
        this needs the role operator
          thao tác này cần vai trò operator
        applying agreements needs the role operator, or steward for those of one's own agency
          áp dụng thỏa thuận cần vai trò operator, hoặc steward đối với thỏa thuận của cơ quan mình
        the set applied replaces the whole set in force, and this one adds, changes or leaves out agreement {} of {}, or signatures of it, which its own steward or an operator changes
          bộ được áp dụng thay toàn bộ bộ đang có hiệu lực, mà bộ này thêm, sửa hoặc bỏ thỏa thuận {} của {} hay chữ ký dưới thỏa thuận đó; chỉ steward của cơ quan đó hoặc operator được sửa
        agreement {}: topic {} is not {}'s by its {}, nor does its name begin with “{}.”; an operator applies it
          thỏa thuận {}: chủ đề {} không phải của {} theo {}, tên cũng không bắt đầu bằng “{}.”; cần operator áp dụng
        delete.topic.enable is false
          máy chủ không cho xóa chủ đề (delete.topic.enable là false)
        topic “{}” has {} partitions already; they can only become more
          chủ đề “{}” đã có {} phân vùng; chỉ có thể tăng thêm
        a topic has at most {} partitions, and all together {}
          mỗi chủ đề có nhiều nhất {} phân vùng, tất cả cộng lại nhiều nhất {}
        there are {} new partitions, each on the one broker, {}
          có {} phân vùng mới, tất cả đều nằm trên máy chủ duy nhất, {}
        “{}” has no partition {}
          “{}” không có phân vùng {}
        the partition ends at {}
          phân vùng kết thúc ở vị trí {}
        nothing was changed, because the change cannot be audited: {}
          chưa thay đổi gì, vì không ghi được nhật ký kiểm toán: {}
        there is no topic “{}”
          không có chủ đề “{}”
        the broker has {} partitions and takes {}
          máy chủ đang có {} phân vùng, tối đa {}
        topic “{}” exists already
          chủ đề “{}” đã tồn tại
        the existing “{}”
          “{}” đang có
        an existing topic
          một chủ đề đang có
        “{}” and {} differ only in '.' and '_', which metrics print alike
          “{}” và {} chỉ khác nhau ở '.' và '_', vốn được số đo in giống nhau
        this broker keeps one replica of each partition: ask for 1, or -1 for the default
          máy chủ này giữ một bản của mỗi phân vùng: hãy yêu cầu 1, hoặc -1 để dùng mặc định
        a topic has 1 to {} partitions, or -1 for the default
          chủ đề có từ 1 đến {} phân vùng, hoặc -1 để dùng mặc định
        with assignments, the number of partitions and the replication factor are -1
          khi đã phân công cụ thể thì số phân vùng và hệ số nhân bản phải là -1
        a topic has at most {} partitions
          chủ đề có nhiều nhất {} phân vùng
        assignments name partitions 0 to {}, each on the one broker, {}
          bảng phân công phải ghi các phân vùng từ 0 đến {}, tất cả trên máy chủ duy nhất, {}
        hanbridge.timestamps: strict needs hanbridge.evidence=record: what has no tree has no checkpoints
          hanbridge.timestamps: strict cần hanbridge.evidence=record: không có cây băm thì không có điểm kiểm tra
        the topic is strict about time-stamps, and this broker has no time-stamp authority
          chủ đề này bắt buộc có dấu thời gian mà máy chủ chưa khai báo tổ chức cấp dấu thời gian nào
        the topic is strict about time-stamps, and none has come for {} minutes
          chủ đề này bắt buộc có dấu thời gian mà đã {} phút nay không nhận được dấu nào
        the journal of checkpoints is not the one that was signed
          sổ điểm kiểm tra không khớp với bản đã ký
        hashes of the journal of checkpoints are missing
          sổ điểm kiểm tra thiếu giá trị băm
        the token cannot be kept: {}
          không lưu được dấu thời gian: {}
        it is no answer of a time-stamp authority
          đây không phải câu trả lời của tổ chức cấp dấu thời gian
        the time-stamp authority refuses: {}
          tổ chức cấp dấu thời gian từ chối: {}
        the time-stamp is of something else than what was asked for
          dấu thời gian được cấp cho một nội dung khác
        the time-stamp is not of an authority that is believed: {}
          dấu thời gian không do tổ chức được tin cậy cấp: {}
        it does not lead from this log's checkpoint to what was time-stamped
          không dẫn từ điểm kiểm tra của nhật ký này tới nội dung đã đóng dấu thời gian
        hanbridge.ack: {} needs hanbridge.evidence=record: what has no tree has no checkpoints
          hanbridge.ack: {} cần hanbridge.evidence=record: không có cây băm thì không có điểm kiểm tra
        {}: no witnesses are asked for in broker.yaml (evidence.policy), so nothing would ever be acknowledged
          {}: broker.yaml không yêu cầu bên làm chứng nào (evidence.policy) nên sẽ không bao giờ có lời xác nhận
        content is held against its entries (by their salts) only for those who may read it: an agreement must let you subscribe to {} or replay it, without fields and where
          chỉ ai được đọc trọn vẹn mới đối chiếu được nội dung với bút toán (qua muối): cần có thỏa thuận cho nhận hoặc đọc lại {} mà không giới hạn fields và where
        hanbridge.evidence is chosen when a topic is made and stays {}: each offset is a leaf, or none is
          hanbridge.evidence được chọn khi tạo chủ đề và giữ nguyên là {}: mọi vị trí đều là lá của cây băm, hoặc không vị trí nào cả
        only an operator makes a topic untyped ({}={})
          chỉ operator được tạo chủ đề không có kiểu ({}={})
        {}: “{}” is not the name of an agency
          {}: “{}” không phải là tên cơ quan
        {}: only an operator may name an owner that no agreement on the topic names
          {}: chỉ operator được ghi cơ quan chủ quản mà không thỏa thuận nào về chủ đề nhắc tới
        the broker alone writes here
          chỉ máy chủ được ghi vào đây
        there is no such topic
          không có chủ đề này
        no agreement in force lets this node publish here
          không có thỏa thuận nào đang có hiệu lực cho phép nút này gửi vào đây
        a quarantine is another topic, and not the broker's own
          khu cách ly phải là một chủ đề khác, không phải chủ đề riêng của máy chủ
        there is no topic “{}”; create it first, untyped
          không có chủ đề “{}”; hãy tạo trước, không kiểu
        a quarantine is untyped ({}={}) and has no quarantine itself
          khu cách ly là chủ đề không kiểu ({}={}) và không có khu cách ly riêng
        the topic is a quarantine itself
          chính chủ đề này là khu cách ly
        {} of the batch's records are not valid
          {} bản ghi trong lô không hợp lệ
        a record without a value needs the right “tombstone”
          bản ghi không có giá trị cần quyền “tombstone”
        the topic's records have a key, of subject {}
          bản ghi của chủ đề này phải có khóa, theo lược đồ {}
        the schema cannot be used
          không dùng được lược đồ
        it names the corrected record as <partition>/<offset> of this topic
          phải ghi bản ghi được đính chính theo dạng <phân vùng>/<vị trí> của chủ đề này
        one request corrects at most {} records
          mỗi yêu cầu đính chính nhiều nhất {} bản ghi
        there is no such record in the topic
          chủ đề không có bản ghi này
        a record is corrected by the node that published it, or by the topic's owner
          bản ghi chỉ do nút đã gửi hoặc cơ quan chủ quản chủ đề đính chính
        subject {} has no version {}, to which the topic is pinned
          lược đồ {} không có phiên bản {} mà chủ đề quy định
        no schema is registered under subject {}: its steward registers one (hanbridge schema register FILE --subject {}), or an operator makes the topic untyped ({}={})
          chưa có lược đồ nào đăng ký dưới tên {}: cơ quan chủ quản cần đăng ký (hanbridge schema register TỆP --subject {}), hoặc operator cho chủ đề không kiểu ({}={})
        a document is preceded by a zero byte and the four bytes of its schema's id
          trước tài liệu phải có một byte 0 và bốn byte mã lược đồ
        the document's schema is not {}
          lược đồ của tài liệu không phải là {}
        … the schema with id {}, a version of subject {}
          lược đồ mã {}, một phiên bản của {}
        … a version of subject {}
          một phiên bản của {}
        a batch before this one was refused; begin a new epoch, or send what is missing first
          một lô trước lô này đã bị từ chối; hãy bắt đầu thế hệ mới, hoặc gửi phần còn thiếu trước
        … more than {}
          hơn {}
        … kept as {}
          được giữ tại {}
        only an operator turns checking off ({}=none)
          chỉ operator được tắt việc kiểm tra ({}=none)
        {}: only an operator names a topic of another owner
          {}: chỉ operator được ghi chủ đề của cơ quan chủ quản khác
        the topic is a quarantine: the broker alone keeps records in it, and a publisher says by this header what became of one
          chủ đề này là khu cách ly: chỉ máy chủ giữ bản ghi ở đây, bên gửi dùng tiêu đề này để cho biết bản ghi đã được xử lý thế nào
        there are no records
          không có bản ghi nào
        Produce versions 0 to 2 carry message formats 0 and 1
          Produce phiên bản 0 đến 2 chỉ mang định dạng bản tin 0 và 1
        one request carries exactly one record batch for each partition
          mỗi yêu cầu mang đúng một lô bản ghi cho mỗi phân vùng
        zstd needs Produce version 7 or later
          zstd cần Produce phiên bản 7 trở lên
        its timestamp is further {} the broker's time than allowed
          thời điểm của bản ghi {} giờ máy chủ quá mức cho phép
        … before
          sớm hơn
        … after
          muộn hơn
        timestamps are outside the topic's limits
          thời điểm của bản ghi nằm ngoài giới hạn của chủ đề
        more refusals than are written down one by one
          quá nhiều lần từ chối nên không ghi từng lần
        more accesses than are written down one by one
          nhiều lượt truy cập hơn mức được ghi riêng từng lượt
        more sign-ins than are written down one by one
          nhiều lượt đăng nhập hơn mức được ghi riêng từng lượt
        the records were not durable in time; they may become so yet
          bản ghi chưa kịp lưu bền vững trong thời hạn; có thể sẽ lưu xong sau
        the batch's sequence does not follow the producer's last one
          số thứ tự của lô không nối tiếp lô trước của bên gửi
        the producer has a newer epoch
          bên gửi đã có thế hệ mới hơn
        a record sent with acks=0 was refused: {}
          một bản ghi gửi với acks=0 bị từ chối: {}
        acks must be 0, 1 or -1 (all)
          acks phải là 0, 1 hoặc -1 (all)
        transactions are not supported
          chưa hỗ trợ giao dịch
        ask for fewer at once
          hãy hỏi ít hơn trong một lần
        producer id {} was not handed out to a producer
          mã số nơi gửi {} chưa được cấp cho nơi gửi nào
        a user is a node, agency/unit/node, or an agency, agency/*; “{}” is neither
          người dùng là một nút (cơ quan/bộ phận/nút) hoặc một cơ quan (cơ quan/*); “{}” không phải loại nào trong hai loại đó
        {} is a number above 0; remove the quota where there is to be none
          {} phải là số lớn hơn 0; nếu không muốn có hạn mức thì hãy gỡ bỏ hạn mức
        {} bounds the topics that an agency owns: it is for an agency, agency/*
          {} giới hạn các chủ đề do một cơ quan sở hữu nên chỉ đặt được cho cơ quan (cơ quan/*)
        {} is a whole number
          {} phải là số nguyên
        request_percentage bounds a share of the threads' time, which is not counted here; bound requests a second by request_rate
          request_percentage giới hạn phần thời gian của luồng xử lý, ở đây không đo; hãy giới hạn số yêu cầu mỗi giây bằng request_rate
        there is no quota “{}”; there are {}
          không có hạn mức “{}”; các hạn mức hiện có là {}
        the request names this entity more than once
          yêu cầu nêu đối tượng này nhiều lần
        the request names {} more than once
          yêu cầu nêu {} nhiều lần
        quotas are kept by user alone: a node, agency/unit/node, an agency, agency/*, or the default
          hạn mức chỉ đặt theo người dùng: một nút (cơ quan/bộ phận/nút), một cơ quan (cơ quan/*) hoặc mặc định
        at most {} entities have quotas of their own; remove some
          tối đa {} đối tượng có hạn mức riêng; hãy gỡ bớt
        a filter names each type of entity once
          bộ lọc chỉ nêu mỗi loại đối tượng một lần
        a filter matches by name (0), the default (1) or any (2)
          bộ lọc so theo tên (0), mặc định (1) hoặc bất kỳ (2)
        the topics of agency {} hold {} bytes and may hold {} ({}); delete records, or ask for a larger quota
          các chủ đề của cơ quan {} đang chứa {} byte trong khi chỉ được chứa {} ({}); hãy xóa bớt bản ghi hoặc đề nghị nâng hạn mức
        topic {} has no such partition
          chủ đề {} không có phân vùng này
        a group's id must not be empty
          mã nhóm nhận không được để trống
        a group's id is the agency's name or begins with it and a dot, unless an agreement's groups name it
          mã nhóm nhận phải là tên cơ quan hoặc bắt đầu bằng tên đó và một dấu chấm, trừ khi mục groups của thỏa thuận cho phép tên khác
        this broker does not serve transactions; leave transactional.id unset
          máy chủ này không phục vụ giao dịch; đừng đặt transactional.id
        coordinator key type {} is not known here; 0 is a group
          không biết loại khóa điều phối {}; 0 là nhóm nhận
        the topic stands more than once in one request
          chủ đề xuất hiện nhiều lần trong một yêu cầu
        partition {} is assigned twice
          phân vùng {} được phân công hai lần
        {} has no value
          {} không có giá trị
        {} stands more than once
          {} xuất hiện nhiều lần
        name the topic or give its id, not both
          hãy ghi tên hoặc mã của chủ đề, không ghi cả hai
        neither a name nor an id
          không có tên cũng không có mã
        there is no topic with this id
          không có chủ đề mang mã này
        there is no topic of this name that this node may describe
          không có chủ đề mang tên này mà nút được xem
        the one broker is {}
          máy chủ duy nhất là {}
        the resource stands more than once in one request
          đối tượng xuất hiện nhiều lần trong một yêu cầu
        the broker's settings stand in broker.yaml and are read at its start
          thiết lập của máy chủ nằm trong broker.yaml và được đọc khi khởi động
        there is no operation {}
          không có thao tác {}
        {} is not a setting of {} that Hanbridge knows
          {} không phải là thiết lập của {} mà Hanbridge biết
        a topic
          chủ đề
        the broker
          máy chủ
        {} is not a list, so nothing can be added or taken away
          {} không phải là danh sách nên không thể thêm hay bớt
        this is a broker; ask it for endpoint type 1
          đây là máy chủ; hãy hỏi loại điểm cuối 1
        only topics (2) and the broker (4) have a configuration here
          ở đây chỉ chủ đề (2) và máy chủ (4) có cấu hình
        reserving producer ids: the store gave an empty block
          cấp mã bên gửi: kho dữ liệu trả về khoảng trống
        {}: “{}” is not {}
          {}: “{}” không phải là {}
        {}: “{}” is not {} or {}
          {}: “{}” không phải là {} hoặc {}
        a whole number from {} to {}
          số nguyên từ {} đến {}
        true or false
          true hoặc false
        a text of at most {} bytes
          chuỗi dài nhiều nhất {} byte
        {} is not enforced by this version, so it cannot be set
          phiên bản này chưa thực thi {} nên không đặt được
        is not enforced by this version, so it cannot be set
          chưa được phiên bản này thực thi nên không đặt được
        {} is not built in this version, so it cannot be set
          phiên bản này chưa có {} nên không đặt được
        is not built in this version, so it cannot be set
          chưa có trong phiên bản này nên không đặt được
        group.min.session.timeout.ms must not be above group.max.session.timeout.ms
          group.min.session.timeout.ms không được lớn hơn group.max.session.timeout.ms
        message.max.bytes must not be above socket.request.max.bytes
          message.max.bytes không được lớn hơn socket.request.max.bytes
        the broker's disk is full; try again when there is room
          đĩa của máy chủ đã đầy; hãy thử lại khi có chỗ
        the broker's disk does not take writes; tell its operator
          đĩa của máy chủ không cho ghi; hãy báo đơn vị vận hành
        the broker could not use its disk; tell its operator
          máy chủ không dùng được đĩa; hãy báo đơn vị vận hành
        the partition is out of service; tell the broker's operator
          phân vùng đang ngừng phục vụ; hãy báo đơn vị vận hành máy chủ
        the partition's queue is full; try again
          hàng đợi của phân vùng đã đầy; hãy thử lại
        the offset is not in the log
          vị trí không có trong nhật ký dữ liệu
        there is no such partition
          không có phân vùng này
        the broker's store was written by a newer version
          kho dữ liệu của máy chủ do phiên bản mới hơn ghi
        the broker is stopping; try again
          máy chủ đang dừng; hãy thử lại
        topic {} has {} partitions and {} logs
          chủ đề {} có {} phân vùng và {} nhật ký
        a topic's name must not be empty
          tên chủ đề không được để trống
        a topic's name must not be “.” or “..”
          tên chủ đề không được là “.” hoặc “..”
        a topic's name has at most {} characters; this one has {}
          tên chủ đề dài nhiều nhất {} ký tự; tên này dài {}
        a topic's name is made of a-z, A-Z, 0-9, '.', '_' and '-' only
          tên chủ đề chỉ gồm a-z, A-Z, 0-9, '.', '_' và '-'
        the batch has no records
          lô không có bản ghi nào
        {} bytes are too few for a record batch
          {} byte là quá ít cho một lô bản ghi
        message format {} is not allowed here
          không nhận định dạng bản tin {} ở đây
        the batch says it has {} bytes, {} came
          lô ghi là {} byte nhưng nhận được {}
        {} bytes are more than the {} allowed
          {} byte vượt quá {} byte được phép
        the checksum does not match the bytes; they were damaged on the way
          mã kiểm tra không khớp; dữ liệu đã hỏng trên đường truyền
        the attributes 0x{} have bits that mean nothing
          thuộc tính 0x{} có bit không có nghĩa
        compression {} is not known
          không biết kiểu nén {}
        only brokers write control records
          chỉ máy chủ được ghi bản ghi điều khiển
        transactions are not offered
          không phục vụ giao dịch
        only the broker sets append times; send create times
          chỉ máy chủ đặt thời điểm ghi; hãy gửi thời điểm tạo
        only brokers set a delete horizon
          chỉ máy chủ đặt mốc xóa
        {} records do not fit a last offset delta of {}
          {} bản ghi không khớp với độ lệch vị trí cuối {}
        {} records are more than the {} allowed in a batch
          {} bản ghi vượt quá {} bản ghi được phép trong một lô
        the offset delta is {} and should be {}
          độ lệch vị trí là {}, lẽ ra là {}
        the record is malformed at its {}
          bản ghi sai dạng tại {}
        {} bytes follow the last record
          còn {} byte sau bản ghi cuối
        the largest timestamp is {}, the batch says {}
          thời điểm lớn nhất là {}, lô lại ghi {}
        producer id, epoch and sequence do not fit together
          mã bên gửi, thế hệ và số thứ tự không khớp nhau
        the batch inflates to more than the {} bytes allowed
          lô giải nén ra vượt quá {} byte được phép
        the batch is not valid {}
          lô không phải là dữ liệu {} hợp lệ
        there is no memory to inflate the batch
          không đủ bộ nhớ để giải nén lô
        a compressed message contains a compressed message
          bản tin nén chứa bản tin nén
        {} is {}, but must be at least 1
          {} là {}, phải ít nhất là 1
        {} ({}) is larger than {} ({}): such a request could never be read
          {} ({}) lớn hơn {} ({}): yêu cầu như vậy sẽ không bao giờ đọc được
        dry-run is “{}”; it is true or false
          dry-run là “{}”; phải là true hoặc false
        the body must be {"case": "id", "topics": ["name"], "reason": "text"}
          nội dung phải là {"case": "số hiệu", "topics": ["tên"], "reason": "văn bản"}
        the body must be {"file": "text"}
          nội dung phải là {"file": "văn bản"}
        days must be a number from 1 to 366
          days phải là số từ 1 đến 366
        the body must be {"files": {"name.yaml": "text"}}
          nội dung phải là {"files": {"tên.yaml": "văn bản"}}
        """#
}
