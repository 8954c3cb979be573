extension Phrasebook {
    /// What the log, the metadata and their checks find: for whoever operates the machine.
    static let storage = #"""
        partition {}: {}
          phân vùng {}: {}
        the log start {} lies outside the log
          vị trí đầu {} nằm ngoài nhật ký dữ liệu
        segment {} is missing
          thiếu tệp phân đoạn {}
        records from offset {} on are missing; below {} they were acknowledged
          mất các bản ghi từ vị trí {}; những bản ghi dưới vị trí {} đã được xác nhận là lưu xong
        records from offset {} on are missing, and offsets below {} were acknowledged
          mất các bản ghi từ vị trí {}, trong khi các vị trí dưới {} đã được xác nhận là lưu xong
        the manifest is damaged
          tệp kê khai bị hỏng
        the manifest has version {}; this program knows {}
          tệp kê khai có phiên bản {}; chương trình này chỉ biết đến {}
        the manifest is missing
          thiếu tệp kê khai
        its manifest is missing
          thiếu tệp kê khai
        its manifest is damaged
          tệp kê khai bị hỏng
        segment {} does not follow the one before it
          tệp phân đoạn {} không nối tiếp tệp trước nó
        segment {} is not what the manifest says of it
          tệp phân đoạn {} không đúng như tệp kê khai ghi
        partition {}: {} is no part of the log; the next start removes it
          phân vùng {}: {} không thuộc nhật ký dữ liệu; lần khởi động sau sẽ gỡ bỏ
        segment {} has another one's header
          tệp phân đoạn {} mang phần đầu của tệp khác
        the header of segment {} is damaged
          phần đầu của tệp phân đoạn {} bị hỏng
        segment {} has version {}
          tệp phân đoạn {} có phiên bản {} mà chương trình này không biết
        segment {} has {} bytes and must have {}
          tệp phân đoạn {} có {} byte trong khi phải có {}
        {}, byte {}, offset {}: {}
          {}, byte {}, vị trí {}: {}
        {}, byte {}, offset {}
          {}, byte {}, vị trí {}
        nothing stands where a frame must be
          không có gì ở chỗ phải có khung dữ liệu
        nothing stands there
          không có gì ở đó
        {}: offset {} was to follow
          {}: lẽ ra tiếp theo phải là vị trí {}
        {}: the append time goes back
          {}: thời điểm ghi bị lùi lại
        {}: the leader epoch goes back
          {}: số lần nhận quyền ghi (leader epoch) bị lùi lại
        partition {}: records from offset {} on stand in the journal only; the next start copies them
          phân vùng {}: các bản ghi từ vị trí {} mới chỉ nằm trong nhật ký ghi trước; lần khởi động sau sẽ chép sang
        partition {}: {}: an unfinished write, which the next start cuts off
          phân vùng {}: {}: một lần ghi dang dở, lần khởi động sau sẽ cắt bỏ
        partition {}: the index of {} is not up to date and will be rebuilt
          phân vùng {}: chỉ mục của {} chưa cập nhật, sẽ được lập lại
        the index of {} names a place where no such frame is (byte {})
          chỉ mục của {} trỏ tới chỗ không có khung dữ liệu như vậy (byte {})
        a program has the store in {} open; stop it first, or check a backup
          một chương trình đang mở kho dữ liệu {}; hãy dừng chương trình đó trước, hoặc kiểm tra một bản sao lưu
        another program has the store in {} open; one store serves one broker
          một chương trình khác đang mở kho dữ liệu {}; mỗi kho chỉ phục vụ một máy chủ
        {} is not a store: it has no file “{}”
          {} không phải là kho dữ liệu: thiếu tệp “{}”
        {} is not a store's
          {} không thuộc kho dữ liệu
        {} is not a store's: restore it from a backup, or choose another directory
          {} không thuộc kho dữ liệu: hãy khôi phục từ bản sao lưu, hoặc chọn thư mục khác
        {} holds partitions and no file “{}”: restore it from a backup
          {} có phân vùng nhưng thiếu tệp “{}”: hãy khôi phục từ bản sao lưu
        partition {} was taken out of service
          phân vùng {} đã được đưa ra khỏi hoạt động
        partition {} was deleted
          phân vùng {} đã bị xóa
        the header's checksum does not hold
          mã kiểm tra của phần đầu không khớp
        the header says what this version does not know
          phần đầu ghi điều mà phiên bản này không biết
        the checksum of salts, schema ids and batch header does not hold
          mã kiểm tra của muối, mã lược đồ và phần đầu lô không khớp
        the batch's length, offset or count contradicts the frame
          độ dài, vị trí hoặc số lượng của lô trái với khung dữ liệu
        the batch's checksum does not hold
          mã kiểm tra của lô không khớp
        its end mark is missing
          thiếu dấu kết thúc
        it does not follow the frame before it
          không nối tiếp khung dữ liệu trước nó
        stored bytes of partition {} are damaged at offset {} ({}, byte {}): {}; restore the partition from a backup
          dữ liệu đã lưu của phân vùng {} bị hỏng tại vị trí {} ({}, byte {}): {}; hãy khôi phục phân vùng từ bản sao lưu
        stored bytes are damaged at offset {} ({}, byte {}): {}
          dữ liệu đã lưu bị hỏng tại vị trí {} ({}, byte {}): {}
        {}, and offsets below {} were acknowledged
          {}, trong khi các vị trí dưới {} đã được xác nhận là lưu xong
        {}, and it was written whole
          {}, trong khi nó đã được ghi trọn vẹn
        partition {} is out of service: {}; restore it from a backup
          phân vùng {} ngừng phục vụ: {}; hãy khôi phục từ bản sao lưu
        partition {} is out of service: acknowledged records are not on the disk any more
          phân vùng {} ngừng phục vụ: bản ghi đã xác nhận không còn trên đĩa
        partition {} of topic {} ({}) is out of service: {}
          phân vùng {} của chủ đề {} ({}) ngừng phục vụ: {}
        partition {} takes no records: {}
          phân vùng {} không nhận bản ghi: {}
        its unfinished frames cannot be cut off ({}); restart the broker
          không cắt bỏ được các khung dữ liệu dang dở ({}); hãy khởi động lại máy chủ
        a sync failed ({}); what the disk holds is being read back
          một lần đồng bộ xuống đĩa thất bại ({}); đang đọc lại những gì đĩa thật sự giữ
        the log does not hold it any more; restore it from a backup
          nhật ký dữ liệu không còn giữ phân vùng này; hãy khôi phục từ bản sao lưu
        {} is not empty; choose a new directory for the copy
          {} không trống; hãy chọn thư mục mới cho bản sao
        copying the store to {}
          chép kho dữ liệu sang {}
        copying partition {}, which changes too fast
          chép phân vùng {}, vốn thay đổi quá nhanh
        a batch of {} bytes is above the store's limit
          một lô {} byte vượt giới hạn của kho dữ liệu
        metadata: {}
          siêu dữ liệu: {}
        metadata: an id has {} bytes instead of 16
          siêu dữ liệu: một mã dài {} byte thay vì 16
        there is no metadata at “{}”
          không có siêu dữ liệu tại “{}”
        the tables are of an older version; start the broker once to bring them up to date
          các bảng thuộc phiên bản cũ; hãy khởi động máy chủ một lần để cập nhật
        a row of {} refers to one that is not there
          một dòng của {} trỏ tới dòng không tồn tại
        … {} ({})
          {} ({})
        versions of the agreements are missing
          thiếu các phiên bản của bộ thỏa thuận
        there is more than one cluster id
          có nhiều hơn một mã cụm
        a group's leader is not among its members
          thành viên điều phối của một nhóm nhận không có trong nhóm
        a committed offset stands on a partition that its topic does not have
          một vị trí đã lưu thuộc phân vùng mà chủ đề không có
        a committed offset names its topic otherwise than the topic's id does
          một vị trí đã lưu ghi tên chủ đề khác với mã của chủ đề
        a version of a schema's subject refers to a subject and version that is not there
          một phiên bản của tên đăng ký lược đồ tham chiếu tên và phiên bản không tồn tại
        a schema has a format that is none
          một lược đồ có định dạng không tồn tại
        a topic is both there and deleted
          một chủ đề vừa tồn tại vừa bị ghi là đã xóa
        a committed offset is negative
          một vị trí đã lưu là số âm
        the count of named requests is not theirs
          số đếm các yêu cầu có tên không khớp với các yêu cầu đó
        a named request has a fingerprint that is none
          một yêu cầu có tên mang dấu vân tay không hợp lệ
        what is kept for an idempotency key cannot be read
          không đọc được phần lưu cho một Idempotency-Key
        “{}” exists already
          “{}” đã tồn tại
        SQLite did not take synchronous=FULL
          SQLite không nhận chế độ synchronous=FULL
        the metadata file is an SQLite database of another program
          tệp siêu dữ liệu là cơ sở dữ liệu SQLite của chương trình khác
        another program has the metadata open
          một chương trình khác đang mở siêu dữ liệu
        metadata: {} (SQLite {})
          siêu dữ liệu: {} (SQLite {})
        SQLite error {}
          lỗi SQLite {}
        the newest version of the agreements is {}
          phiên bản mới nhất của bộ thỏa thuận là {}
        the run epoch has passed 2^31
          số lần khởi động đã vượt 2^31
        counter {} did not answer
          bộ đếm {} không trả lời
        topic “{}” exists already, or its id was used before
          chủ đề “{}” đã tồn tại, hoặc mã của nó từng được dùng
        the topic has {} partitions already
          chủ đề đã có {} phân vùng
        there is no topic with id {}
          không có chủ đề mang mã {}
        the log holds {} partitions and the metadata knows no topic: the metadata was lost or belongs to another store; restore both from one backup
          nhật ký dữ liệu có {} phân vùng nhưng siêu dữ liệu không có chủ đề nào: siêu dữ liệu đã mất hoặc thuộc kho khác; hãy khôi phục cả hai từ cùng một bản sao lưu
        the metadata knows {} topics and the log holds no partition: the log was lost, or its disk is not mounted; mount it, or restore both from one backup
          siêu dữ liệu có {} chủ đề nhưng nhật ký dữ liệu không có phân vùng nào: nhật ký đã mất hoặc đĩa chưa được gắn; hãy gắn đĩa, hoặc khôi phục cả hai từ cùng một bản sao lưu
        version {} of the agreements, as it is stored, is not one that this version enforces: {}
          phiên bản {} của bộ thỏa thuận đang lưu không phải là bộ mà chương trình này thực thi được: {}
        the disk is full; make room and start again
          đĩa đã đầy; hãy giải phóng dung lượng rồi khởi động lại
        the data directory cannot be written to; check the mount and its permissions
          không ghi được vào thư mục dữ liệu; hãy kiểm tra việc gắn đĩa và quyền truy cập
        {} failed (errno {}); check the disk and its permissions
          {} thất bại (errno {}); hãy kiểm tra đĩa và quyền truy cập
        stored data is damaged: {}; run `hanbridge check`
          dữ liệu đã lưu bị hỏng: {}; hãy chạy `hanbridge check`
        the log is overloaded; start again
          nhật ký dữ liệu quá tải; hãy khởi động lại
        an offset is outside its log; run `hanbridge check`
          một vị trí nằm ngoài nhật ký dữ liệu; hãy chạy `hanbridge check`
        partition {} is missing; run `hanbridge check`
          thiếu phân vùng {}; hãy chạy `hanbridge check`
        the store has format {}, written by a newer version of Hanbridge; this one knows up to {}
          kho dữ liệu có định dạng {}, do phiên bản Hanbridge mới hơn ghi; phiên bản này chỉ biết đến {}
        the store was shut down while the broker started
          kho dữ liệu đã đóng trong khi máy chủ khởi động
        {}: {}
          {}: {}
        … asking for the space of {}
          hỏi dung lượng của {}
        … asking for the size of {}
          hỏi kích thước của {}
        … opening {} directly
          mở trực tiếp {}
        … opening {}
          mở {}
        … reading {} directly
          đọc trực tiếp {}
        … reading {}
          đọc {}
        … writing {}
          ghi {}
        … syncing {}
          đồng bộ {}
        … freeing space of {}
          giải phóng chỗ của {}
        … reserving space for {}
          dành chỗ cho {}
        … removing {}
          gỡ bỏ {}
        … renaming {}
          đổi tên {}
        … making {}
          tạo {}
        … listing {}
          liệt kê {}
        … locking {}
          giữ khóa {}
        … resizing {}
          đổi kích thước {}
        … walking {} at byte {}
          đọc lần lượt {} tại byte {}
        … verifying {} at byte {}
          kiểm tra {} tại byte {}
        The operation could not be completed. The file doesn’t exist.
          tệp không tồn tại
        The operation could not be completed. You don’t have permission.
          không đủ quyền truy cập
        The operation could not be completed. {}
          không thực hiện được thao tác: {}
        No such file or directory
          không có tệp hoặc thư mục này
        Permission denied
          không đủ quyền truy cập
        No space left on device
          đĩa đã đầy
        Read-only file system
          hệ thống tệp chỉ cho đọc
        Input/output error
          lỗi đọc ghi của đĩa
        Too many open files
          mở quá nhiều tệp
        Not a directory
          không phải là thư mục
        Is a directory
          là thư mục, không phải tệp
        File exists
          tệp đã tồn tại
        Connection refused
          kết nối bị từ chối
        Connection reset by peer
          đầu kia cắt kết nối
        Network is unreachable
          mạng không tới được
        No route to host
          không có đường tới máy
        Connection timed out
          hết thời gian chờ kết nối
        Address already in use
          cổng đang được chương trình khác dùng
        Cannot assign requested address
          máy này không có địa chỉ đó
        """#
}
