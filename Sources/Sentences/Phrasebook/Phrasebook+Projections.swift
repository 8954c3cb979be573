extension Phrasebook {
    /// Why an agreement's rules on fields and rows cannot be held under a schema.
    static let projections = #"""
        a path has at most {} bytes
          một đường dẫn dài nhiều nhất {} byte
        a path has at most {} names
          một đường dẫn có nhiều nhất {} tên
        a path is made of names joined by dots, such as address.ward; none of them is empty
          đường dẫn gồm các tên nối bằng dấu chấm, ví dụ address.ward; không tên nào được để trống
        rules have at most {} paths
          các quy tắc có nhiều nhất {} đường dẫn
        `where` has at most {} fields
          `where` có nhiều nhất {} trường
        `where` names at least one value; without one no record is shown
          `where` phải nêu ít nhất một giá trị; không có giá trị nào thì không bản ghi nào được xem
        a field in `where` has at most {} values
          một trường trong `where` có nhiều nhất {} giá trị
        a value in `where` has at most {} bytes
          một giá trị trong `where` dài nhiều nhất {} byte
        `hash` needs a secret key, and there is none
          `hash` cần một khóa bí mật mà hiện chưa có
        the schema has no such field
          lược đồ không có trường này
        {} is a map; write * for its values
          {} là một map; hãy viết * để chỉ các giá trị của nó
        … the document
          cả tài liệu
        an element or a map's value cannot be dropped by itself; drop the field that holds them
          không thể bỏ riêng một phần tử hay một giá trị của map; hãy bỏ cả trường chứa chúng
        the mask is on a field that `allow` does not show; take the mask out, or add the field to `allow`
          trường bị che không nằm trong `allow`; hãy bỏ quy tắc che hoặc thêm trường vào `allow`
        `where` needs a field that a record has once; this one is in an array or a map
          `where` cần trường mà mỗi bản ghi chỉ có một lần; trường này nằm trong mảng hoặc map
        `where` needs a field that a record has once; this one is an array
          `where` cần trường mà mỗi bản ghi chỉ có một lần; trường này là một mảng
        `where` needs a field that a record has once; this one is repeated
          `where` cần trường mà mỗi bản ghi chỉ có một lần; trường này là repeated
        the rules tell more places of a record apart than can be kept; name fewer fields, nearer to the root
          các quy tắc phân biệt quá nhiều vị trí trong bản ghi; hãy nêu ít trường hơn, gần gốc hơn
        no schema can be derived for what would be shown: {}
          không lập được lược đồ cho phần sẽ được xem: {}
        `where` compares a text, a number or a boolean; the schema lets this field be {}
          `where` so sánh văn bản, số hoặc giá trị đúng sai; theo lược đồ trường này có thể là {}
        `where` compares texts, enums, booleans and integers, which {} is not
          `where` so sánh văn bản, enum, giá trị đúng sai và số nguyên; {} không thuộc các loại đó
        … the field
          trường này
        `{}` needs to know the field's type; give it one in the schema, or drop the field
          `{}` cần biết kiểu của trường; hãy khai kiểu trong lược đồ hoặc bỏ trường
        the field is {}; mask the fields in it, or drop it
          trường này là {}; hãy che các trường bên trong hoặc bỏ cả trường
        … a record
          một record
        … a map
          một map
        … a message
          một message
        `{}` is for {}, and the field may be {}
          `{}` dành cho {}, còn trường này có thể là {}
        `{}` is for {}, and the field is {}
          `{}` dành cho {}, còn trường này là {}
        `{}` is for {}, which the field is not
          `{}` dành cho {}, mà trường này thì không phải
        … texts and integers
          văn bản và số nguyên
        … texts
          văn bản
        … strings
          chuỗi
        strings, bytes, fixed of 8 to 32 bytes and longs without a logical type, and UUIDs
          chuỗi, bytes, fixed từ 8 đến 32 byte và long không có kiểu lôgic, và UUID
        values that have a constant of their type, an enum's being its default
          giá trị mà kiểu của nó có sẵn một hằng, với enum là giá trị mặc định
        values that have a constant of their type
          giá trị mà kiểu của nó có sẵn một hằng
        strings that hold dates, dates and timestamps
          chuỗi chứa ngày tháng, kiểu date và timestamp
        strings, bytes and integers of 64 bits
          chuỗi, bytes và số nguyên 64 bit
        strings that hold dates, google.protobuf.Timestamp and google.type.Date
          chuỗi chứa ngày tháng, google.protobuf.Timestamp và google.type.Date
        texts that hold dates
          văn bản chứa ngày tháng
        a schema with $dynamicRef or $recursiveRef that leads to several schemas cannot be projected; refer by $ref
          không che được lược đồ có $dynamicRef hay $recursiveRef dẫn tới nhiều lược đồ; hãy dùng $ref
        the schema declares no message, only what others import
          lược đồ không khai message nào, chỉ có những gì tệp khác import
        {}.{} is required in an imported file and cannot be dropped; mask it, or drop the field that holds it
          {}.{} là trường bắt buộc trong một tệp được import nên không bỏ được; hãy che nó hoặc bỏ trường chứa nó
        {}.{} has a code list in an imported file, and a masked value is none of its codes; drop it
          {}.{} dùng danh mục mã trong một tệp được import, mà giá trị đã che không phải mã trong đó; hãy bỏ trường này
        another mask is on the same value; keep one of them
          giá trị này đã có một quy tắc che khác; hãy chỉ giữ một
        nothing would be left of the items of {}; show some field of them, or drop the field that holds them
          các phần tử của {} sẽ không còn lại gì; hãy cho xem một trường của chúng hoặc bỏ cả trường chứa chúng
        its schema cannot be registered: {}
          không đăng ký được lược đồ của nó: {}
        the agreement says nothing of it
          thỏa thuận không nói gì về nó
        the registry is full
          sổ đăng ký lược đồ đã đầy
        a condition on the key cannot be looked at
          không xét được điều kiện đặt trên khóa
        the key is masked as a whole, and in parts
          khóa vừa bị che toàn bộ vừa bị che từng phần
        batch {} of {} cannot be read
          không đọc được lô {} của {}
        it cannot be masked{}: {}
          không che được bản ghi{}: {}
        """#
}
