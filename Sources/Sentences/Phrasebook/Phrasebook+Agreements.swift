extension Phrasebook {
    /// What `AccessPolicy` finds in agreements files, and the names of its parts.
    static let agreements = #"""
        agreement {} uses {}, which this version of Hanbridge does not enforce yet
          thỏa thuận {} dùng {}, phiên bản Hanbridge này chưa thực thi được
        agreement {} uses “{}”, which this version of Hanbridge does not enforce yet and therefore refuses; leave it out
          thỏa thuận {} dùng “{}”, phiên bản Hanbridge này chưa thực thi được nên không nhận; hãy bỏ từ này
        agreement {} denies {} what {} grants {} here, which therefore never takes effect: {}
          thỏa thuận {} cấm {} những gì {} cho {} ở đây, nên quy tắc này không bao giờ có tác dụng: {}
        agreement {} asks {} for a purpose here, and {} lets {} read {} without one
          thỏa thuận {} yêu cầu {} khai báo mục đích ở đây, nhưng {} lại cho {} đọc {} mà không cần mục đích
        agreement {} restricts what {} sees here, and {} lets {} read {} without that restriction
          thỏa thuận {} giới hạn những gì {} được thấy ở đây, nhưng {} lại cho {} đọc {} không có giới hạn đó
        no record reaches this rule of agreement {} for {}: {} comes before it and shows every record to {}
          không bản ghi nào đến được quy tắc này của thỏa thuận {} cho {}: {} đứng trước và đã cho thấy mọi bản ghi với {}
        the file ends without a line break here, as one does that is half written; end its last line
          tệp kết thúc ở đây mà không xuống dòng, giống như tệp đang ghi dở; hãy kết thúc dòng cuối
        nobody has read by agreement {} for {} days
          đã {2} ngày không ai đọc theo thỏa thuận {1}
        agreement {}: {}
          thỏa thuận {}: {}
        the schema of {} does not bear what is said of its fields: {}
          lược đồ của {} không phù hợp với những gì nói về các trường: {}
        {} sees personal or sensitive fields of {} as they are: {}
          {} thấy nguyên trạng các trường cá nhân hoặc nhạy cảm của {}: {}
        an emergency is one agreement, not {}
          khẩn cấp chỉ gồm một thỏa thuận, không phải {}
        the id of an emergency begins with “{}”
          mã của thỏa thuận khẩn cấp bắt đầu bằng “{}”
        an emergency needs its reason, as legalBasis
          khẩn cấp phải có lý do, ghi ở legalBasis
        an emergency needs an “until” in the next {} hours
          khẩn cấp phải có “until” trong vòng {} giờ tới
        an emergency begins now, not later
          khẩn cấp bắt đầu ngay, không phải về sau
        an emergency lets read, by subscribe or replay, and nothing else
          khẩn cấp chỉ cho đọc, bằng subscribe hoặc replay, không gì khác
        an emergency names the agency that may read
          khẩn cấp phải nêu rõ cơ quan được đọc
        ids that begin with “{}” are for what hanbridge policy break-glass opens
          mã bắt đầu bằng “{}” dành cho những gì hanbridge policy break-glass mở
        too many emergencies wait to be confirmed
          có quá nhiều yêu cầu khẩn cấp đang chờ xác nhận
        another person than the one who asked has to confirm it
          phải do người khác với người đã yêu cầu xác nhận
        one of the two has to be an operator, or a steward of {}, whose records they are
          một trong hai người phải là operator, hoặc steward của {}, là cơ quan chủ quản dữ liệu
        what waits under this id is not what was read: read it again before it is confirmed
          yêu cầu đang chờ dưới mã này không phải nội dung đã xem: hãy xem lại trước khi xác nhận
        opening emergency access needs the role operator or steward
          mở quyền truy cập khẩn cấp cần vai trò operator hoặc steward
        “{}” is not what it looks like: {}
          “{}” không phải như mắt thấy: {}
        character {} is {}, which only looks like “{}”
          ký tự thứ {} là {}, chỉ trông giống “{}”
        character {} is the invisible {}
          ký tự thứ {} là {}, không nhìn thấy được
        from here on the agreements are too many on the same topics to be compared with each other
          từ đây trở đi có quá nhiều thỏa thuận cùng chủ đề nên không so sánh được với nhau
        agreement {} has ended already
          thỏa thuận {} đã chấm dứt rồi
        is not an id, an instant and a principal
          không phải là mã, thời điểm và người thực hiện
        {} is no name for a file of agreements
          {} không phải là tên tệp thỏa thuận
        names that begin with a dot are the broker's own
          tên bắt đầu bằng dấu chấm là của riêng máy chủ
        agreement {} ended on {} and allows nothing any more
          thỏa thuận {} đã hết hiệu lực ngày {}, không còn cho phép gì
        agreement {} ends on {}, within {} days
          thỏa thuận {} hết hiệu lực ngày {}, trong vòng {} ngày tới
        agreement {} gives the right to erase here, with which nothing can be done yet: this version erases no person's data
          thỏa thuận {} cho quyền erase ở đây nhưng chưa dùng được vào việc gì: phiên bản này chưa xóa dữ liệu của một người
        agreement {} covers every topic of the broker
          thỏa thuận {} áp dụng cho mọi chủ đề của máy chủ
        groups “{}” names groups of agency {}, which only its own nodes may use
          groups “{}” chỉ các nhóm nhận của cơ quan {}, chỉ nút của cơ quan đó được dùng
        agreements {} and {} cover the same topics ({}, {}) and name two owners, {} and {}
          thỏa thuận {} và {} cùng áp dụng cho một số chủ đề ({}, {}) nhưng ghi hai cơ quan chủ quản, {} và {}
        agreement {} repeats for {} what {} grants: {}
          thỏa thuận {} lặp lại cho {} những quyền mà {} đã cho: {}
        the set has {} agreements; at most {} are accepted
          bộ có {} thỏa thuận; chỉ nhận nhiều nhất {}
        the set has {} files; at most {} are accepted
          bộ có {} tệp; chỉ nhận nhiều nhất {}
        the set has {} bytes; at most {} are accepted
          bộ có {} byte; chỉ nhận nhiều nhất {}
        there is an agreement with id “{}” already, in {}
          đã có thỏa thuận mang mã “{}” trong tệp {}
        there is an agreement with id “{}” already
          đã có thỏa thuận mang mã “{}”
        has {} bytes; a file of this kind has at most {}
          có {} byte; tệp loại này chỉ được nhiều nhất {}
        uses YAML anchors and aliases (&name, *name); write the words out, or quote the text they stand in
          dùng neo và bí danh của YAML (&tên, *tên); hãy viết đầy đủ, hoặc đặt đoạn chữ đó trong dấu nháy
        is empty
          tệp trống
        the file needs “agreement” and “signatures”
          tệp phải có “agreement” và “signatures”
        holds signatures of agreement “{}”, so its name must be {}
          chứa chữ ký của thỏa thuận “{}” nên phải có tên {}
        holds signatures of agreement “{}”, which the set does not have
          chứa chữ ký của thỏa thuận “{}” không có trong bộ này
        the set has {} files of signatures; at most {} are accepted
          bộ có {} tệp chữ ký; chỉ nhận nhiều nhất {}
        is not an ACL as the broker writes it
          không phải là ACL theo dạng máy chủ ghi
        a '*' stands alone, for every name
          dấu '*' phải đứng một mình, nghĩa là mọi tên
        of a group an ACL gives READ or ALL; who may read with it describes it
          với nhóm nhận, ACL chỉ cho READ hoặc ALL; ai được đọc bằng nhóm thì xem được nhóm
        a signature has no “{}”
          một chữ ký thiếu “{}”
        … a signature
          một chữ ký
        … a certificate
          một chứng thư
        {} is not base64
          {} không phải là base64
        “{}” is not one node, agency/unit/node
          “{}” không phải là một nút dạng cơ-quan/đơn-vị/nút
        is not an id, a signer, a signature, two digests and an instant
          không phải là mã, người ký, chữ ký, hai giá trị băm và thời điểm
        agreement {} is not signed by {}
          thỏa thuận {} chưa có chữ ký của {}
        agreement {} is not signed by a steward of {}, whose records they are
          thỏa thuận {} chưa có chữ ký của steward cơ quan {}, là cơ quan chủ quản dữ liệu
        delegation {} is not signed by a steward of {}, which hands on what it was given
          ủy quyền {} chưa có chữ ký của steward cơ quan {}, là cơ quan ủy quyền lại những gì mình được cho
        delegation {} hands on nothing: there is no agreement {} of the set that can be handed on
          ủy quyền {} không trao được gì: bộ này không có thỏa thuận {} nào có thể ủy quyền lại
        delegation {} hands on nothing: agreement {} has no party of {} with “delegate: true”
          ủy quyền {} không trao được gì: thỏa thuận {} không có bên nào thuộc {} ghi “delegate: true”
        delegation {} hands on nothing to {}: agreement {} gives none of it
          ủy quyền {} không trao được gì cho {}: thỏa thuận {} không cho điều nào trong đó
        delegation {} says more for {} than agreement {} gives, and counts as far as that does: {}
          ủy quyền {} ghi cho {} nhiều hơn những gì thỏa thuận {} cho, và chỉ có giá trị trong phạm vi đó: {}
        delegation {} ends with agreement {}, before its own date
          ủy quyền {} chấm dứt cùng thỏa thuận {}, trước ngày ghi trong ủy quyền
        a delegation (“delegates”) names its “agency”, every other agreement the records' “owner”
          ủy quyền (“delegates”) ghi “agency” của mình, còn mọi thỏa thuận khác ghi “owner” là cơ quan chủ quản dữ liệu
        a delegation goes to nodes of its own agency, {}/…, and to no others
          chỉ được ủy quyền cho nút của chính cơ quan mình, {}/…, không cho nút nào khác
        a delegation denies nothing
          ủy quyền không được cấm điều gì
        what was handed on is not handed on again
          điều đã được ủy quyền thì không được ủy quyền tiếp
        delegate is true or false
          delegate là true hoặc false
        delegate needs a party of one agency, which hands on to its own nodes
          delegate cần một bên thuộc một cơ quan cụ thể, cơ quan đó ủy quyền lại cho nút của mình
        delegate is of use only to a party that may something
          delegate chỉ có nghĩa với bên được cho một quyền nào đó
        nothing of an emergency is handed on
          quyền truy cập khẩn cấp không được ủy quyền lại
        the signature of {} under agreement {} does not count: {}
          chữ ký của {} dưới thỏa thuận {} không có giá trị: {}
        it was not made over this meaning; the agreement was changed since, and has to be signed again
          không phải ký trên nội dung này; thỏa thuận đã thay đổi sau khi ký, phải ký lại
        its certificate has ended, and it was not in force before that
          chứng thư đã hết hạn trước khi thỏa thuận có hiệu lực
        its certificate is not believed: {}
          chứng thư không được tin cậy: {}
        its certificate is that of {}
          chứng thư là của {}
        its certificate does not carry the role steward
          chứng thư không có vai trò steward
        {} neither owns the records nor is party to the agreement
          {} không phải là cơ quan chủ quản dữ liệu cũng không phải là bên tham gia thỏa thuận
        the same steward has signed already
          steward này đã ký rồi
        cannot be read as YAML: {}
          không đọc được theo cú pháp YAML: {}
        cannot be read as YAML
          không đọc được theo cú pháp YAML
        is not YAML here: {}
          sai cú pháp YAML tại đây: {}
        {} stands more than once in one mapping
          {} xuất hiện nhiều lần trong cùng một mục
        is not text{}: {}
          không phải là văn bản{}: {}
        at byte {}
          tại byte {}
        the file has no “agreements”
          tệp không có mục “agreements”
        “{}” is not a time zone; write a name such as Asia/Ho_Chi_Minh, UTC or an offset as +07:00
          “{}” không phải là múi giờ; hãy ghi tên như Asia/Ho_Chi_Minh, UTC hoặc độ lệch như +07:00
        an agreement has no “{}”
          một thỏa thuận thiếu “{}”
        id “{}” has other characters than letters, digits, '.', '_' and '-', or begins with '.'
          mã “{}” có ký tự ngoài chữ không dấu, chữ số, '.', '_' và '-', hoặc bắt đầu bằng '.'
        {} “{}” is not an agency: a-z, 0-9, '.', '_' and '-'
          {} “{}” không phải là tên cơ quan: chỉ gồm a-z, 0-9, '.', '_' và '-'
        “{}” in signedBy is not one node, agency/unit/node
          “{}” trong signedBy không phải là một nút dạng cơ-quan/đơn-vị/nút
        until ({}) is before from ({}): the agreement would never be in force
          until ({}) sớm hơn from ({}): thỏa thuận sẽ không bao giờ có hiệu lực
        {} “{}” is not a date: write 2026-12-31, or a moment as 2026-12-31T17:00:00+07:00
          {} “{}” không phải là ngày: hãy ghi 2026-12-31, hoặc thời điểm như 2026-12-31T17:00:00+07:00
        parties is empty: nobody would be party to the agreement
          parties trống: thỏa thuận không có bên nào tham gia
        a party has no “may”
          một bên tham gia thiếu “may”
        “{}” is both allowed and denied to one party
          “{}” vừa được cho phép vừa bị cấm đối với cùng một bên
        {} is of use only to a party that may subscribe or replay
          {} chỉ có nghĩa với bên có quyền subscribe hoặc replay
        a party has no “node”
          một bên tham gia thiếu “node”
        unknown right “{}”; there are {}
          không có quyền “{}”; các quyền gồm {}
        purpose “{}” has other characters than a-z, 0-9 and '-'
          mục đích “{}” có ký tự ngoài a-z, 0-9 và '-'
        unknown mask “{}”; there are {}
          không có cách che “{}”; các cách gồm {}
        a field's name
          tên trường
        field “{}” is masked and not among the allowed ones
          trường “{}” có cách che nhưng không nằm trong các trường được phép
        fields is empty; write allow, mask or both
          fields trống; hãy ghi allow, mask hoặc cả hai
        unknown word “{}” in {}; it knows {}
          không có từ “{}” trong {}; các từ được dùng là {}
        {} must be a mapping (name: value)
          {} phải có dạng tên: giá trị
        a key in {} is not a word
          một khóa trong {} không phải là một từ
        {} has {} entries; at most {} are accepted
          {} có {} mục; chỉ nhận nhiều nhất {}
        {} must be a list
          {} phải là một danh sách
        {} must be a single value
          {} phải là một giá trị đơn
        {} is empty
          {} trống
        {} has {} bytes; at most {} are accepted
          {} có {} byte; chỉ nhận nhiều nhất {}
        {} has a control character
          {} có ký tự điều khiển
        “{}” stands more than once in {}
          “{}” xuất hiện nhiều lần trong {}
        … the file
          tệp
        … an agreement
          một thỏa thuận
        … a party
          một bên tham gia
        … a mask
          cách che
        an entry of {}
          một mục của {}
        a value of where
          một giá trị của where
        a topic name
          tên chủ đề
        {} “{}” is not 1 to {} characters of a-z, 0-9, '.', '_' and '-'
          {} “{}” phải dài từ 1 đến {} ký tự trong a-z, 0-9, '.', '_' và '-'
        … authority
          cơ quan chứng thực
        … agency
          cơ quan
        … unit
          đơn vị
        … node
          nút
        a group needs at least one character before any '*'
          nhóm nhận cần ít nhất một ký tự trước dấu '*'
        a group id has at most {} bytes
          mã nhóm nhận dài nhiều nhất {} byte
        a group id has a control character
          mã nhóm nhận có ký tự điều khiển
        “{}” is not agency/unit/node
          “{}” không có dạng cơ-quan/đơn-vị/nút
        “{}” in “{}” is neither '*' nor a name of a-z, 0-9, '.', '_' and '-'
          “{}” trong “{}” không phải là '*' cũng không phải là tên gồm a-z, 0-9, '.', '_' và '-'
        a topic name has at most {} characters
          tên chủ đề dài nhiều nhất {} ký tự
        “{}” is not a topic: letters, digits, '.', '_' and '-', and at the end perhaps a '*'
          “{}” không phải là chủ đề: chỉ gồm chữ không dấu, chữ số, '.', '_' và '-', cuối cùng có thể là '*'
        “{}” cannot be a topic's name
          “{}” không thể là tên chủ đề
        “{}” names topics of the broker's own, on which there are no agreements
          “{}” chỉ các chủ đề riêng của máy chủ, không lập thỏa thuận về các chủ đề này
        """#
}
