extension Phrasebook {
    /// Why a document cannot be written in a binary format, and what is wrong with a payload in one.
    static let transcoding = #"""
        written otherwise the payload has more than {} bytes
          viết sang dạng khác thì dữ liệu dài hơn {} byte
        the payload cannot be read by its schema
          không đọc được dữ liệu theo lược đồ của nó
        the document takes more than {} steps to write
          ghi tài liệu này mất hơn {} bước
        records, arrays and maps nest at most {} deep
          record, mảng và map lồng nhau nhiều nhất {} lớp
        an int is a whole number from {} to {}
          int phải là số nguyên từ {} đến {}
        a long is a whole number from {} to {}
          long phải là số nguyên từ {} đến {}
        a number is expected
          phải là số
        the decimal has at most {} bytes
          số thập phân dài nhiều nhất {} byte
        a string of {} characters is expected, one for each byte
          phải là chuỗi {} ký tự, mỗi ký tự một byte
        one of the symbols is expected
          phải là một trong các ký hiệu của enum
        the field {} is missing
          thiếu trường {}
        the schema has no field of this name
          lược đồ không có trường tên này
        {} or null is expected
          phải là {} hoặc null
        {} is expected
          phải là {}
        the value fits none of {}
          giá trị không phù hợp với kiểu nào trong {}
        a decimal with at most {} digits, at most {} of them behind the point, is expected
          phải là số thập phân có nhiều nhất {} chữ số, trong đó nhiều nhất {} chữ số sau dấu chấm
        bytes are a string of the characters 0 to 255
          bytes phải là chuỗi các ký tự từ 0 đến 255
        the payload ends before its value is complete
          dữ liệu kết thúc khi giá trị còn dở dang
        a number has at most 10 bytes of seven bits, an int or an index at most 5
          số dài nhiều nhất 10 byte bảy bit, int hoặc chỉ số nhiều nhất 5
        an int is from {} to {}
          int phải từ {} đến {}
        a boolean is a byte of 0 or 1
          boolean phải là byte 0 hoặc 1
        a length in bytes is not negative
          độ dài tính bằng byte không được âm
        text is in UTF-8
          chữ phải là UTF-8
        an index from 0 to {} names one of the symbols
          chỉ số của ký hiệu phải từ 0 đến {}
        an index from 0 to {} names one of the branches
          chỉ số của nhánh phải từ 0 đến {}
        a block that begins with a negative count names its size in bytes next, which is not negative
          khối bắt đầu bằng số đếm âm thì tiếp theo phải là độ dài tính bằng byte, không âm
        a block has as many bytes as it says
          khối phải dài đúng số byte đã ghi
        the decimal has at most {} digits, in at least one byte
          số thập phân có nhiều nhất {} chữ số, trong ít nhất một byte
        a UUID is written as 8, 4, 4, 4 and 12 hexadecimal digits joined by hyphens (RFC 4122)
          UUID phải viết thành 8, 4, 4, 4 và 12 chữ số thập lục phân nối bằng gạch ngang (RFC 4122)
        a time of day is from 0 to 86399999 milliseconds
          giờ trong ngày phải từ 0 đến 86399999 mili giây
        a time of day is from 0 to 86399999999 microseconds
          giờ trong ngày phải từ 0 đến 86399999999 micro giây
        the value is one of the field's code list
          giá trị phải nằm trong danh mục mã của trường
        nothing may follow the value
          sau giá trị không được có gì nữa
        messages nest at most {} deep
          thông điệp lồng nhau nhiều nhất {} lớp
        an object is expected, a message {}
          phải là đối tượng, thông điệp {}
        the message has no field of this name
          thông điệp không có trường tên này
        the field stands twice, under both its names
          trường xuất hiện hai lần, dưới cả hai tên
        at most one field of a oneof is set
          chỉ được ghi nhiều nhất một trường của oneof
        an array is expected
          phải là mảng
        an object is expected, a map
          phải là đối tượng (map)
        a value of the enum {} is expected, by its name
          phải là một giá trị của enum {}, ghi bằng tên
        bytes are written in base64
          bytes phải viết dạng base64
        a whole number from {} to {} is expected
          phải là số nguyên từ {} đến {}
        a time is expected as RFC 3339 has it, such as {}
          phải là thời điểm theo RFC 3339, ví dụ {}
        a duration is expected, such as {}
          phải là khoảng thời gian, ví dụ {}
        names of fields are expected, joined by commas
          phải là tên các trường, cách nhau bằng dấu phẩy
        a time is from year 1 to 9999, a duration at most 10000 years, and its nanoseconds are below a second
          thời điểm phải từ năm 1 đến 9999, khoảng thời gian nhiều nhất 10000 năm, và phần nano giây phải dưới một giây
        the payload ends before this value does
          dữ liệu kết thúc trước khi hết giá trị này
        a variable-length integer has at most ten bytes
          số nguyên độ dài thay đổi có nhiều nhất mười byte
        a variable-length integer has at most 64 bits
          số nguyên độ dài thay đổi có nhiều nhất 64 bit
        this is no field: a tag is a field number from 1 to {} and a wire type
          đây không phải là trường: thẻ gồm số trường từ 1 đến {} và kiểu truyền
        a group ends here that was not begun
          kết thúc một nhóm chưa từng bắt đầu
        the payload ends inside a group
          dữ liệu kết thúc giữa một nhóm
        an unknown group does not end, or holds what is no field
          một nhóm lạ không kết thúc, hoặc chứa thứ không phải là trường
        a packed list is as long as a whole number of its values
          danh sách đóng gói phải chứa trọn các giá trị
        the string is not UTF-8
          chuỗi không phải UTF-8
        {} is sent under wire type {}
          {} phải được gửi với kiểu truyền {}
        the number does not fit {}
          số nằm ngoài phạm vi của {}
        {} has no value with this number
          {} không có giá trị mang số này
        the value is no code of the list {}
          giá trị không phải là mã của danh mục {}
        {} has no field with the number {}
          {} không có trường mang số {}
        the required field {} is missing
          thiếu trường bắt buộc {}
        """#
}
