extension Phrasebook {
    /// Why a record is not valid by its schema: what a publisher reads of a refused record, and whoever validates one offline.
    static let violations = #"""
        must have at least 1 element
          phải có ít nhất 1 phần tử
        must have at least {} elements
          phải có ít nhất {} phần tử
        must have at most 1 element
          chỉ được có nhiều nhất 1 phần tử
        must have at most {} elements
          chỉ được có nhiều nhất {} phần tử
        must be empty
          phải để trống
        no two elements may be equal
          các phần tử không được trùng nhau
        must have at least {} of the elements that the schema asks for
          phải có ít nhất {} phần tử như lược đồ yêu cầu
        must have at most {} of the elements that the schema asks for
          chỉ được có nhiều nhất {} phần tử như lược đồ nêu
        element {} and what is like it is not allowed: no part of the schema covers it
          không được có phần tử {} và các phần tử tương tự: lược đồ không quy định chúng
        must have at least 1 property
          phải có ít nhất 1 trường
        must have at least {} properties
          phải có ít nhất {} trường
        must have at most 1 property
          chỉ được có nhiều nhất 1 trường
        must have at most {} properties
          chỉ được có nhiều nhất {} trường
        the property {} is required
          thiếu trường bắt buộc {}
        the property {} is required where {} stands
          khi có {2} thì bắt buộc phải có trường {1}
        the property {} is not allowed: {}
          không được có trường {}: {}
        the property {} and {} more is not allowed: {}
          không được có trường {} và {} trường khác: {}
        … the schema does not name it
          lược đồ không có trường này
        … the schema forbids it
          lược đồ cấm
        … no part of the schema covers it
          lược đồ không quy định
        a property's name is not as the schema asks for
          có tên trường không đúng như lược đồ yêu cầu
        must not be what the schema rules out here
          không được là giá trị mà lược đồ loại trừ
        must be what at least one of {} schemas allows
          phải phù hợp với ít nhất một trong {} lược đồ
        must be what exactly one of {} schemas allows, and is what several do
          phải phù hợp với đúng một trong {} lược đồ, nhưng lại phù hợp với nhiều hơn
        must be what exactly one of {} schemas allows, and is what none does
          phải phù hợp với đúng một trong {} lược đồ, nhưng không phù hợp với lược đồ nào
        the schema allows nothing here
          lược đồ không cho phép có gì ở đây
        must be {}
          phải là {}
        … {} or {}
          {} hoặc {}
        … a string
          chuỗi
        … a number
          số
        … an integer
          số nguyên
        … a boolean
          đúng/sai (true, false)
        … an array
          mảng
        … an object
          đối tượng
        must be one of {}
          phải là một trong {}
        must be at least {}
          phải từ {} trở lên
        must be at most {}
          không được quá {}
        must be greater than {}
          phải lớn hơn {}
        must be less than {}
          phải nhỏ hơn {}
        must be a multiple of {}
          phải là bội số của {}
        must have at least 1 character
          phải có ít nhất 1 ký tự
        must have at least {} characters
          phải có ít nhất {} ký tự
        must have at most 1 character
          chỉ được có nhiều nhất 1 ký tự
        must have at most {} characters
          chỉ được có nhiều nhất {} ký tự
        must match the pattern {}
          phải đúng mẫu {}
        must be in the form `{}`
          phải đúng định dạng `{}`
        must be in the form `{}`, such as {}
          phải đúng định dạng `{}`, chẳng hạn {}
        must be one of the {} codes of {}
          phải là một trong {} mã của danh mục {}
        matching a pattern takes too many steps
          so với mẫu mất quá nhiều bước
        matching a pattern of patternProperties takes too many steps
          so với một mẫu của patternProperties mất quá nhiều bước
        the schema nests too deep over this document
          lược đồ lồng nhau quá sâu trên tài liệu này
        checking this document takes more than {} steps and {} a byte; simplify the schema
          kiểm tra tài liệu này mất quá {} bước và {} bước cho mỗi byte; hãy làm lược đồ đơn giản hơn
        byte {}: {}
          byte {}: {}
        … the document ends before its value is complete
          tài liệu kết thúc khi giá trị còn dở dang
        … this is not JSON (RFC 8259)
          đây không phải là JSON (RFC 8259)
        … a JSON document begins without a byte order mark
          tài liệu JSON không được bắt đầu bằng dấu thứ tự byte (BOM)
        … a control character in a string must be escaped
          ký tự điều khiển trong chuỗi phải được viết dạng thoát
        … an escape is one of {}
          chuỗi thoát phải là một trong {}
        … an escaped surrogate stands in a pair, high before low
          mã surrogate phải đi theo cặp, cao trước thấp sau
        … a string must be UTF-8
          chuỗi phải là UTF-8
        … a number is written as RFC 8259 says: no leading zeros, digits on both sides of a point
          số phải viết theo RFC 8259: không có số 0 thừa ở đầu, hai bên dấu chấm đều có chữ số
        … an exponent has at most {} digits
          số mũ có nhiều nhất {} chữ số
        … arrays and objects nest at most {} deep
          mảng và đối tượng lồng nhau nhiều nhất {} lớp
        … an object has each key once
          mỗi khóa trong đối tượng chỉ được xuất hiện một lần
        … nothing may follow the document
          sau tài liệu không được có gì nữa
        … a JSON document has at most {} bytes
          tài liệu JSON dài nhiều nhất {} byte
        """#
}
