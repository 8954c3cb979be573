extension Phrasebook {
    /// Why a proof, a key or a policy file is not what it should be.
    static let evidence = #"""
        a revocation list's digest
          mã băm của một danh sách thu hồi
        a checkpoint of partition {}
          một điểm kiểm tra của phân vùng {}
        checkpoints were signed as {} and evidence.host is {}: the name never changes; set it back
          các điểm kiểm tra đã được ký dưới tên {} mà evidence.host là {}: tên này không bao giờ thay đổi; hãy đặt lại như cũ
        partition {} is not the log that others know: {}; {}
          phân vùng {} không phải là nhật ký mà các bên khác biết: {}; {}
        witness {} has cosigned {} records of this log, and {} were signed here
          bên làm chứng {} đã đồng ký {} bản ghi của nhật ký này, mà ở đây mới ký {}
        witness {} has cosigned another log of {} records by this name
          bên làm chứng {} đã đồng ký một nhật ký khác có {} bản ghi mang tên này
        an older state was restored, or a copy of it was written to: restore the newest state, or close the log where all agree and go on under another name (hanbridge log reopen)
          kho dữ liệu là bản cũ được khôi phục, hoặc một bản sao của nó đã được ghi tiếp ở nơi khác: hãy khôi phục bản mới nhất, hoặc đóng nhật ký tại chỗ mọi bên cùng có rồi tiếp tục dưới tên khác (hanbridge log reopen)
        partition {} is not the log of which a checkpoint of {} records was signed (it ends at {}): an older state was restored, or its files were changed; restore the newest backup, or close the log where all agree and go on under another name (hanbridge log reopen)
          phân vùng {} không phải là nhật ký mà điểm kiểm tra {} bản ghi đã được ký (nó kết thúc ở {}): kho dữ liệu là bản cũ được khôi phục, hoặc tệp của nó đã bị sửa; hãy khôi phục bản sao lưu mới nhất, hoặc đóng nhật ký tại chỗ mọi bên cùng có rồi tiếp tục dưới tên khác (hanbridge log reopen)
        partition {} is out of service for more than its name
          phân vùng {} ngừng phục vụ không chỉ vì tên nhật ký
        partition {} of “{}” is the log that others know: there is nothing to reopen
          phân vùng {} của “{}” đúng là nhật ký mà các bên khác biết: không có gì để mở lại
        “{}” has no partition {} with evidence
          “{}” không có phân vùng {} nào được giữ bằng chứng
        the logs of topic “{}” were reopened {} times: make the topic anew
          nhật ký của chủ đề “{}” đã được mở lại {} lần: hãy tạo lại chủ đề
        {} is set by hanbridge log reopen alone
          {} chỉ được đặt bằng hanbridge log reopen
        {}: not what hanbridge log reopen writes
          {}: không phải là nội dung do hanbridge log reopen ghi
        the journal is the one that others know: there is nothing to reopen
          sổ điểm kiểm tra đúng là sổ mà các bên khác biết: không có gì để mở lại
        witness {} has cosigned {} entries of the journal, and {} were signed here
          bên làm chứng {} đã đồng ký {} mục của sổ điểm kiểm tra, mà ở đây mới ký {}
        witness {} has cosigned another journal of {} entries by this name
          bên làm chứng {} đã đồng ký một sổ điểm kiểm tra khác có {} mục mang tên này
        “{}” is not a witness's memory
          “{}” không phải là bộ nhớ của bên làm chứng
        “{}” is the memory of another witness key
          “{}” là bộ nhớ của một khóa làm chứng khác
        witness: a checkpoint cannot be read
          bên làm chứng: có điểm kiểm tra không đọc được
        witness: SQLite did not take synchronous=FULL
          bên làm chứng: SQLite không nhận synchronous=FULL
        the clock is {} ms behind the last record of partition {}; set it right
          đồng hồ chậm {} ms so với bản ghi cuối của phân vùng {}; hãy chỉnh lại đồng hồ
        the batch at offset {} cannot become entries: {}
          không tạo được bút toán từ lô bản ghi ở vị trí {}: {}
        it has no salts
          lô không có muối
        its codec is unknown
          kiểu nén của lô không rõ
        it does not inflate
          không giải nén được lô
        record {} is malformed
          bản ghi {} sai khuôn dạng
        record {} is too large to be committed to
          bản ghi {} quá lớn để cam kết
        a tree of {} records was made, and {} are there
          cây băm đã có {} bản ghi mà ở đây chỉ có {}
        the mark of the tree is damaged; the next start makes the tree anew
          dấu mốc của cây băm bị hỏng; lần khởi động sau sẽ dựng lại cây
        the kept entry of offset {} is damaged
          bút toán được giữ lại ở vị trí {} bị hỏng
        the minimum of the tree is damaged: what was pruned is not known
          điểm đầu của cây băm bị hỏng: không biết phần nào đã được dọn
        the tree's files do not reach the minimum, {}
          các tệp của cây băm không tới được điểm đầu, {}
        the tree's files do not lead to the root that was marked at size {}; the next start makes the tree anew
          các tệp của cây băm không dẫn tới gốc đã đánh dấu ở kích thước {}; lần khởi động sau sẽ dựng lại cây
        entries of offsets below {} are missing
          thiếu bút toán của các vị trí dưới {}
        level {} of the tree is not that of the records from offset {} on
          mức {} của cây băm không khớp với các bản ghi từ vị trí {} trở đi
        {} (byte {})
          {} (byte thứ {})
        it is longer than is accepted
          dài hơn mức cho phép
        it ends too early
          kết thúc quá sớm
        something follows its end
          còn dữ liệu thừa ở cuối
        it is not UTF-8
          không phải là UTF-8
        it has a control character
          có ký tự điều khiển
        its last line does not end
          dòng cuối thiếu dấu xuống dòng
        no blank line separates its parts
          thiếu dòng trống ngăn cách các phần
        a line is not of its form
          có dòng sai khuôn dạng
        it is not base64
          không phải là base64
        it is not a decimal number without leading zeros
          không phải là số thập phân viết không có số 0 ở đầu
        it is no name: empty, or with a space or a plus sign
          không phải là tên: để trống, hoặc có dấu cách hay dấu cộng
        it is no key of the expected form
          không phải là khóa đúng khuôn dạng
        the key is of a type that is not used here
          khóa thuộc loại không dùng ở đây
        the key's id is not the one of its name and bytes
          mã số của khóa không khớp với tên và các byte của nó
        it is not a hash of 32 bytes
          không phải là giá trị băm dài 32 byte
        there are more of them than are accepted
          nhiều hơn mức cho phép
        the checkpoint has extension lines, which logs of this kind never have
          điểm kiểm tra có dòng mở rộng, điều mà loại nhật ký này không bao giờ có
        it is of a version that is not known here
          thuộc phiên bản mà ở đây không biết
        it has flags that are not known here
          có cờ mà ở đây không biết
        its commitment is of a type that is not known here
          giá trị cam kết thuộc loại mà ở đây không biết
        its parts contradict each other
          các phần mâu thuẫn với nhau
        a name is defined twice
          có tên được định nghĩa hai lần
        a key is named twice
          có khóa được nêu hai lần
        a name is used before it is defined
          có tên được dùng trước khi được định nghĩa
        a name is a member of two groups
          có tên thuộc về hai nhóm
        the threshold is not between 1 and the number of members
          ngưỡng không nằm trong khoảng từ 1 đến số thành viên
        there is no quorum line, or more than one
          không có dòng quorum, hoặc có nhiều hơn một
        the checkpoint is of no log of the pinned node
          điểm kiểm tra không thuộc nhật ký nào của nút đã ghim khóa
        the checkpoint has no signature of the log's key
          điểm kiểm tra không có chữ ký bằng khóa của nhật ký
        the log's signature on the checkpoint does not hold
          chữ ký của nhật ký trên điểm kiểm tra không đúng
        a witness's signature on the checkpoint does not hold
          chữ ký của một bên làm chứng trên điểm kiểm tra không đúng
        too few witnesses cosigned the checkpoint
          chưa đủ bên làm chứng đồng ký điểm kiểm tra
        the entry names another offset than the proof
          bút toán nêu một vị trí khác với bằng chứng
        the proof does not lead from the entry to the checkpoint's root
          bằng chứng không dẫn từ bút toán tới gốc của điểm kiểm tra
        the receipt has no salt, so the record cannot be checked against it
          biên nhận không có muối nên không thể đối chiếu bản ghi với nó
        the record is not the one that the entry stands for
          bản ghi không phải là bản ghi mà bút toán đại diện
        its certificates are not there
          không có chứng thư số của khóa này
        the file cannot be read
          không đọc được tệp
        it is not a zip file, or its end is missing
          đây không phải tệp zip, hoặc tệp bị mất phần cuối
        it is a zip file of which a part is missing
          tệp zip bị mất một phần
        it is one part of a zip file that was cut into several
          đây chỉ là một phần của tệp zip đã bị chia nhỏ
        it has more than {} members
          có hơn {} tệp bên trong
        its list of members is longer than {} bytes
          danh mục tệp bên trong dài hơn {} byte
        its list of members cannot be read
          không đọc được danh mục tệp bên trong
        the member {} has a name that would leave a folder, or is not plain
          tệp bên trong {} có tên dẫn ra ngoài thư mục hoặc có ký tự không hợp lệ
        the member {} is there twice
          tệp bên trong {} xuất hiện hai lần
        the member {} lies over another one
          tệp bên trong {} nằm chồng lên một tệp khác
        the member {} is encrypted
          tệp bên trong {} đã bị mã hóa
        the member {} is compressed by the unknown method {}
          tệp bên trong {} được nén theo phương thức không rõ: {}
        the member {} is told of differently in two places
          hai chỗ trong tệp zip mô tả tệp bên trong {} khác nhau
        the member {} is longer than {} bytes
          tệp bên trong {} dài hơn {} byte
        the member {} is damaged
          tệp bên trong {} bị hỏng
        """#
}
